from django.http import HttpRequest, HttpResponse
from django.urls import path

from bench.bare.models import Row


def insert(request: HttpRequest) -> HttpResponse:
    Row.objects.create(body=request.body)
    return HttpResponse(status=200)


urlpatterns = [path("", insert)]
