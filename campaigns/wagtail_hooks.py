from wagtail import hooks

from campaigns.viewsets import AutomationViewSet, CampaignViewSet


@hooks.register("register_admin_viewset")
def register_campaigns() -> list[CampaignViewSet | AutomationViewSet]:
    return [CampaignViewSet(), AutomationViewSet()]
