"""What the composer's form posts and answers."""

from campaigns.forms import AudienceField


def typed(campaign, **changes):
    """What the composer's form posts for this draft."""
    fields = {
        "name": campaign.name,
        "purpose": campaign.purpose,
        "purpose_reason": campaign.purpose_reason,
        "audience": AudienceField.key_of(campaign),
        "sender": campaign.sender_id or "",
        "text": campaign.text,
        "page": campaign.page_id or "",
        "scheduled_at": "",
    }
    return fields | changes


def errors_of(response):
    return {name: [str(error) for error in errors] for name, errors in response.context["form"].errors.items()}
