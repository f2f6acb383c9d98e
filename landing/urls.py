"""Screens under /admin/landing/."""

from django.urls import path

from landing import views

app_name = "landing"
urlpatterns = [
    path("look/", views.ThemeView.as_view(), name="theme"),
    path("look/preview/", views.ThemePreviewView.as_view(), name="theme_preview"),
    path("page/<int:pk>/preview/", views.PagePreviewView.as_view(), name="page_preview"),
    path("page/<int:pk>/checks/", views.ChecksView.as_view(), name="checks"),
    path("page/<int:pk>/links/", views.TryLinksView.as_view(), name="try_links"),
    path("new/", views.GalleryView.as_view(), name="gallery"),
    path("new/trade/<slug:trade>/", views.NewFromTradeView.as_view(), name="new_from_trade"),
    path("new/page/<int:pk>/", views.NewFromPageView.as_view(), name="new_from_page"),
    path("look/moves/", views.ThemeMovesView.as_view(), name="theme_moves"),
]
