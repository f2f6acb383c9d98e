"""The one script of a visitor's page: it says that somebody has the page before them (seen.py), and what they tap.

A tap needs no script where the browser obeys `ping` (tapped.py). Firefox does not, and some people switch it off: so
each tap is a beacon, and the link's own ping is put aside while that very tap is followed.
"""

from django.utils.safestring import SafeString, mark_safe

# Not while it is drawn ahead or in a tab behind; where the browser's queue is full, at the next look.
SCRIPT: SafeString = mark_safe(
    "(function(d,n,u,f){(f=function(){u&&d.visibilityState=='visible'&&n.sendBeacon&&n.sendBeacon(u)&&(u='')})();"
    "d.addEventListener('visibilitychange',f);"
    "d.addEventListener('click',function(e){var a=e.target.closest('[ping]'),p=a&&a.getAttribute('ping');"
    "p&&n.sendBeacon&&n.sendBeacon(p)&&(a.removeAttribute('ping'),setTimeout(function(){a.setAttribute('ping',p)}))})"
    "})(document,navigator,document.currentScript.dataset.to)"
)
