from wagtail import hooks

from shortlinks.viewsets import DomainViewSet, LinkViewSet


@hooks.register("register_admin_viewset")
def register_links() -> LinkViewSet:
    return LinkViewSet()


@hooks.register("register_admin_viewset")
def register_domains() -> DomainViewSet:
    return DomainViewSet()
