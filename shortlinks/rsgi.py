"""What granian loads: `granian --interface rsgi shortlinks.rsgi:application`; `manage.py redirect` does it for you."""

import django

django.setup()

from shortlinks.redirect import Redirect  # noqa: E402  (models need the set-up above)

application = Redirect()
