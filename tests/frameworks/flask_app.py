"""Flask with Flask-Login. Arguments: port, secret."""
import sys

from flask import Flask, request
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user

PORT, SECRET = sys.argv[1:3]
app = Flask(__name__)
app.secret_key = SECRET
manager = LoginManager(app)


class User(UserMixin):
    def __init__(self, number):
        self.id = number


@manager.user_loader
def load(number):
    return User(number)


@app.get("/login")
def login():
    login_user(User(request.args["user"]))
    return "ok"


@app.get("/logout")
def logout():
    logout_user()
    return "ok"


@app.get("/me")
def me():
    return current_user.get_id() or ""


app.run("127.0.0.1", int(PORT))
