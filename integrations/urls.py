"""Addresses that machines call: webhooks of gateways and shops."""

from django.urls import URLPattern, path

from integrations import views

app_name = "integrations"
urlpatterns: list[URLPattern] = [
    path("shops/<uuid:public_id>/", views.shop_webhook, name="shop_webhook"),
    path("events/<uuid:public_id>/", views.event_webhook, name="event_webhook"),
    path("<uuid:public_id>/<str:secret>/<slug:kind>/", views.gateway_webhook, name="gateway_webhook"),
]
