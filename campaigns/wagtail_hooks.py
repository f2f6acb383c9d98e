from wagtail import hooks

from campaigns.automation.viewset import AutomationViewSet
from campaigns.viewsets import CampaignViewSet


@hooks.register("register_admin_viewset")
def register_campaigns() -> list[CampaignViewSet | AutomationViewSet]:
    return [CampaignViewSet(), AutomationViewSet()]
