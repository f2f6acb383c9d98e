"""Where the forms of pages are sent."""

from django.urls import path

from landing.answers import views

app_name = "landing_answers"
urlpatterns = [path("<int:page>/<uuid:block>/", views.answer, name="answer")]
