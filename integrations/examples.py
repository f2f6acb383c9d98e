"""A signed call, ready to be run: in a shell with curl and openssl, and in Python with nothing but its own library."""

import json

from integrations.models import EventSource
from integrations.queries import event_address

# What stands for a secret that is not shown.
HIDDEN = "whsec_…"
PHONE = "+33639980012"

SHELL = """\
SECRET='{secret}'
ID="evt_$(date +%s)_$$"
NOW=$(date +%s)
BODY='{before}'"$ID"'{after}'

KEY=$(printf %s "${{SECRET#whsec_}}" | openssl base64 -d -A | od -An -v -tx1 | tr -d ' \\n')
SIGNATURE=$(printf '%s.%s.%s' "$ID" "$NOW" "$BODY" \\
  | openssl dgst -sha256 -mac HMAC -macopt "hexkey:$KEY" -binary | openssl base64 -A)
curl -sS '{address}' -H 'content-type: application/json' \\
  -H "webhook-id: $ID" -H "webhook-timestamp: $NOW" -H "webhook-signature: v1,$SIGNATURE" \\
  --data-binary "$BODY"
"""

PYTHON = """\
import base64, hashlib, hmac, json, time, urllib.request, uuid

SECRET = "{secret}"
body = {body}
event_id, now = str(uuid.uuid4()), str(int(time.time()))
content = json.dumps(body | {{"id": event_id}}).encode()

key = base64.b64decode(SECRET.removeprefix("whsec_"))
signature = hmac.digest(key, f"{{event_id}}.{{now}}.".encode() + content, hashlib.sha256)
request = urllib.request.Request("{address}", content, {{
    "content-type": "application/json",
    "webhook-id": event_id,
    "webhook-timestamp": now,
    "webhook-signature": "v1," + base64.b64encode(signature).decode(),
}})
print(urllib.request.urlopen(request).read().decode())
"""


def examples(source: EventSource, body: dict[str, object], secret: str = "") -> dict[str, str]:
    """By language; `body` is the call without its id."""
    written = json.dumps({"id": "ID", **body}, ensure_ascii=True).replace("'", "\\u0027")
    before, after = written.split('"ID"', 1)
    shared = {"secret": secret or HIDDEN, "address": event_address(source)}
    return {
        "curl": SHELL.format(before=before + '"', after='"' + after, **shared),
        "Python": PYTHON.format(body=json.dumps(body, ensure_ascii=True), **shared),
    }
