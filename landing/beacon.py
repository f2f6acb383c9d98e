"""The one script of a visitor's page: once somebody has it before them, it says so (seen.py)."""

from django.utils.safestring import SafeString, mark_safe

# Not while it is drawn ahead or in a tab behind; where the browser's queue is full, at the next look.
SCRIPT: SafeString = mark_safe(
    "(function(d,u,f){(f=function(){u&&d.visibilityState=='visible'&&navigator.sendBeacon&&navigator.sendBeacon(u)"
    "&&(u='')})();d.addEventListener('visibilitychange',f)})(document,document.currentScript.dataset.to)"
)
