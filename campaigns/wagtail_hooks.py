from wagtail import hooks

from campaigns.viewsets import CampaignViewSet


@hooks.register("register_admin_viewset")
def register_campaigns() -> CampaignViewSet:
    return CampaignViewSet()
