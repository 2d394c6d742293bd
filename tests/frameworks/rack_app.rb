# Rack's cookie session. Arguments: port, secret.
require 'rack'
require 'rack/handler/webrick'

port, secret = ARGV
app = lambda do |env|
  request = Rack::Request.new(env)
  session = request.session
  text = case request.path
         when '/login'
           session['user_id'] = request.params['user'].to_i
           'ok'
         when '/logout'
           session.delete('user_id')
           'ok'
         else
           session['user_id'].to_s
         end
  [200, { 'Content-Type' => 'text/plain' }, [text]]
end
stack = Rack::Session::Cookie.new(app, key: 'rack.session', secret: secret)
log = WEBrick::Log.new(File::NULL)
Rack::Handler::WEBrick.run(stack, Host: '127.0.0.1', Port: port.to_i, Logger: log, AccessLog: [])
