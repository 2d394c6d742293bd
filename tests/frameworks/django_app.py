"""Django with its session framework. Arguments: port, session engine, folder, secret."""
import sys

from django.conf import settings

PORT, ENGINE, FOLDER, SECRET = sys.argv[1:5]
settings.configure(
    SECRET_KEY=SECRET,
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    SESSION_ENGINE=f"django.contrib.sessions.backends.{ENGINE}",
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": f"{FOLDER}/django.db"}},
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions"],
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
    ],
)

import django  # noqa: E402

django.setup()

from django.contrib import auth  # noqa: E402
from django.contrib.auth.models import User  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.http import HttpResponse  # noqa: E402
from django.urls import path  # noqa: E402


def login(request):
    user, _ = User.objects.get_or_create(pk=int(request.GET["user"]), defaults={"username": request.GET["user"]})
    auth.login(request, user)
    return HttpResponse("ok")


def logout(request):
    auth.logout(request)
    return HttpResponse("ok")


def me(request):
    return HttpResponse(str(request.user.pk or ""))


urlpatterns = [path("login", login), path("logout", logout), path("me", me)]

call_command("migrate", verbosity=0)
from wsgiref.simple_server import make_server  # noqa: E402

from django.core.wsgi import get_wsgi_application  # noqa: E402

make_server("127.0.0.1", int(PORT), get_wsgi_application()).serve_forever()
