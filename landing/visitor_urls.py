"""Addresses that visitors' browsers ask for by themselves, or for files of a page."""

from django.urls import path

from landing import diary, seen

app_name = "landing_visitors"
urlpatterns = [
    path("diary/<int:page>/<str:block>.ics", diary.diary, name="diary"),
    path("<slug:workspace>/<str:token>/", seen.seen, name="seen"),
]
