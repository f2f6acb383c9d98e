from wagtail import hooks

from audience.viewsets import AudienceViewSetGroup


@hooks.register("register_admin_viewset")
def register_audience() -> AudienceViewSetGroup:
    return AudienceViewSetGroup()
