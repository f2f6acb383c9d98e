"""Under `/admin/audience/`, beside the viewsets."""

from django.urls import path

from audience.people import setup

app_name = "audience"
urlpatterns = [
    path("settings/", setup.AudienceSettingsView.as_view(), name="settings"),
    path("retention/", setup.RetentionView.as_view(), name="retention"),
]
