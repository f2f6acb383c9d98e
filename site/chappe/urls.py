"""Every address of the site. Rooms bring their own; the order is: machines, people at a desk, visitors."""

from django.urls import include, path, re_path
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.documents import urls as wagtaildocs_urls

from chappe import views

urlpatterns = [
    path("hooks/", include("integrations.urls")),
    path("stop/", include("messaging.urls")),
    path("seen/", include("landing.visitor_urls")),
    path("form/", include("landing.answers.urls")),
    path("admin/", include(wagtailadmin_urls)),
    path("documents/", include(wagtaildocs_urls)),
    # A front server may take these over in production, with the policy that the view sets; file names are unguessable.
    re_path(r"^media/(?P<path>.*)$", views.media),
    path("", include(wagtail_urls)),
]
