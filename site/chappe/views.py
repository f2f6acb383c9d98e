from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.views.static import serve

# Somebody uploaded it: opened by itself, it runs nothing and is nobody of ours.
MEDIA_POLICY = "default-src 'none'; sandbox"


def media(request: HttpRequest, path: str) -> HttpResponseBase:
    response = serve(request, path, document_root=str(settings.MEDIA_ROOT))
    response.headers["Content-Security-Policy"] = MEDIA_POLICY
    return response
