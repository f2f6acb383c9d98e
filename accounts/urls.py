"""Under `/admin/workspace/`."""

from django.urls import path

from accounts import views

app_name = "accounts"
urlpatterns = [
    path("", views.WorkspaceSettingsView.as_view(), name="settings"),
    path("team/", views.TeamView.as_view(), name="team"),
    path("team/<int:pk>/role/", views.RoleView.as_view(), name="role"),
    path("team/<int:pk>/remove/", views.RemoveView.as_view(), name="remove"),
    path("switch/<int:pk>/", views.SwitchView.as_view(), name="switch"),
]
