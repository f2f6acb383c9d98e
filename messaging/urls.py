"""Addresses of the opt-out page."""

from django.urls import path

from messaging import views

app_name = "messaging"
urlpatterns = [
    path("<slug:slug>/", views.NumberView.as_view(), name="opt_out"),
    path("<slug:slug>/done/", views.DoneView.as_view(), name="opt_out_done"),
    path("<slug:slug>/<str:token>/", views.PersonalView.as_view(), name="opt_out_personal"),
]
