; Ring's cookie store. Arguments: port, file with the key of 16 bytes.
(require '[ring.adapter.jetty :refer [run-jetty]]
         '[ring.middleware.params :refer [wrap-params]]
         '[ring.middleware.session :refer [wrap-session]]
         '[ring.middleware.session.cookie :refer [cookie-store]])
(import '(java.nio.file Files Paths))

(let [[port key-file] *command-line-args*
      key-bytes (Files/readAllBytes (Paths/get key-file (make-array String 0)))
      reply (fn [text] {:status 200 :headers {"Content-Type" "text/plain"} :body text})
      app (fn [request]
            (case (:uri request)
              "/login" (assoc (reply "ok") :session {:uid (get-in request [:params "user"])})
              "/logout" (assoc (reply "ok") :session nil)
              (reply (str (get-in request [:session :uid])))))]
  (run-jetty (-> app wrap-params (wrap-session {:store (cookie-store {:key key-bytes})}))
             {:port (Integer/parseInt port) :host "127.0.0.1"}))
