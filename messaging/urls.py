"""Addresses of the opt-out page."""

from django.urls import path

from messaging import views

app_name = "messaging"
urlpatterns = [
    path("<slug:slug>/", views.NumberView.as_view(), name="opt_out"),
    path("<slug:slug>/done/", views.DoneView.as_view(), name="opt_out_done"),
    path("<slug:slug>/yes/<str:token>/", views.YesView.as_view(), name="opt_in"),
    path("<slug:slug>/<str:token>/choices/", views.ChoicesView.as_view(), name="choices"),
    path("<slug:slug>/<str:token>/", views.PersonalView.as_view(), name="opt_out_personal"),
]
