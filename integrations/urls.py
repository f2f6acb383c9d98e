"""Addresses that machines call: webhooks of gateways and shops."""

from django.urls import URLPattern

app_name = "integrations"
urlpatterns: list[URLPattern] = []
