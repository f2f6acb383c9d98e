"""Addresses of the opt-out page."""

from django.urls import URLPattern

app_name = "messaging"
urlpatterns: list[URLPattern] = []
