"""Addresses that visitors' browsers ask for by themselves."""

from django.urls import path

from landing import seen

app_name = "landing_visitors"
urlpatterns = [path("<slug:workspace>/<str:token>/", seen.seen, name="seen")]
