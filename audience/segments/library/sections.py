from django.utils.translation import gettext_lazy as _

PERSON = _("The person")
PLACE = _("Where they are")
TIME = _("When")
CHOICE = _("Lists, tags and consent")
OWN = _("Your attributes")
ACTS = _("What they did")
MESSAGES = _("What they were sent")
