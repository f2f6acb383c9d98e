import pytest
from django.test import Client


@pytest.mark.parametrize("name", ["picture.svg", "page.html"])
def test_what_somebody_uploaded_runs_no_script(tmp_path, settings, name):
    settings.MEDIA_ROOT = tmp_path
    (tmp_path / name).write_text("<script>alert(1)</script>")

    response = Client().get(f"/media/{name}")

    assert response.getvalue() == b"<script>alert(1)</script>"
    assert response.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert response.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("path", ["", "../chappe.sqlite3", "%2e%2e/chappe.sqlite3", "/etc/passwd"])
def test_nothing_but_media_is_served(tmp_path, settings, path):
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.MEDIA_ROOT.mkdir()
    (tmp_path / "chappe.sqlite3").touch()

    assert Client().get(f"/media/{path}").status_code in {400, 404}
