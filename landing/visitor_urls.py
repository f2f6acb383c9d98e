"""Addresses that visitors' browsers ask for by themselves, or for files of a page."""

from django.urls import path

from landing import cards, diary, seen, tapped

app_name = "landing_visitors"
urlpatterns = [
    path("card/<int:page>/<slug:version>.png", cards.card, name="card"),
    path("diary/<int:page>/<str:block>.ics", diary.diary, name="diary"),
    path("tap/<int:page>/<slug:goal>/<str:token>/", tapped.tapped, name="tapped"),
    path("<slug:workspace>/<str:token>/", seen.seen, name="seen"),
]
