from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.views.generic import View
from wagtail.admin.ui.tables import Column, DateColumn, StatusTagColumn
from wagtail.admin.views.generic.models import EditView, IndexView, InspectView

from accounts.admin import WorkspaceCreateView, WorkspaceDeleteView, WorkspaceViewMixin, WorkspaceViewSet
from accounts.models import Role
from accounts.requests import MemberRequest
from integrations.forms.shops import ShopEditForm, ShopForm
from integrations.models import DataRequest, InboundDelivery, OrderState, ShopConnection
from integrations.outcomes import in_words
from integrations.queries import shop_webhook_url
from integrations.services.order_states import give_meanings
from integrations.services.privacy import hand_over
from integrations.services.shops import pair_again, work_again
from integrations.shop_health import ShopHealth, shop_health
from integrations.shops.base import Shop
from integrations.shops.registry import shop_classes, shop_of
from integrations.viewsets.backfill import BackfillView, StartView, StopView, backfill_of

LATEST = 50


def platform_label(shop: ShopConnection) -> str:
    """A platform whose package was taken away keeps its slug."""
    platform = shop_classes().get(shop.platform)
    return str(platform.label) if platform else shop.platform


class ShopIndexView(IndexView):
    def get_base_queryset(self) -> QuerySet[ShopConnection]:
        return super().get_base_queryset().defer("credentials")

    def get_edit_url(self, instance: ShopConnection) -> str | None:
        """A click on the name shows what the shop has told us."""
        return self.get_inspect_url(instance)


class ShopCreateView(WorkspaceCreateView):
    """Two steps on one address: choose the platform, then give what it asks for."""

    page_title = _("Connect a shop")
    submit_button_label = _("Connect")
    submit_button_active_label = _("Connecting…")
    success_message = _("%(object)s is waiting for the first call of the shop.")

    @cached_property
    def platform(self) -> type[Shop] | None:
        return shop_classes().get(self.request.GET.get("platform", ""))

    def get_add_url(self) -> str:
        return f"{super().get_add_url()}?platform={self.platform.slug}" if self.platform else super().get_add_url()

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "platform": self.platform}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        platforms = shop_classes().values()
        return super().get_context_data(platform=self.platform, platforms=platforms, **kwargs)

    def get_template_names(self) -> list[str]:
        return [f"integrations/shop/{'create' if self.platform else 'choose'}.html"]

    def get_success_url(self) -> str:
        return reverse("integrations_shops:inspect", args=[self.object.pk])

    def get_success_buttons(self) -> list[Any]:
        return []


class ShopEditView(EditView):
    def get_success_url(self) -> str:
        return reverse("integrations_shops:inspect", args=[self.object.pk])


class ShopDeleteView(WorkspaceDeleteView):
    consequences = _(
        "Its orders go with it, and what they earned in reports, its carts, its automations and what was decided on "
        "its events. Contacts, their agreements and the messages stay. To stop only, switch the shop off in its "
        "settings."
    )


class ShopInspectView(InspectView):
    """Where to call us, and what came of the latest calls."""

    page_title = _("Shop")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        health = shop_health(self.object, timezone.now())
        latest = self.object.deliveries.defer("body", "context").order_by("-received_at", "-pk")[:LATEST]
        return super().get_context_data(
            platform=self.platform,
            platform_label=platform_label(self.object),
            webhook_url=shop_webhook_url(self.object),
            pairing=self.pairing_to_show(),
            package=self.platform.package() if self.platform else None,
            is_owner=self.is_owner,
            trouble=in_words(self.object.trouble),
            needs_attention=self.needs_attention(health),
            **backfill_of(self.object),
            states=self.object.order_states.order_by("facts", "name", "pk"),
            meanings=OrderState.Meaning.choices,
            health=health,
            deliveries=[(delivery, in_words(delivery.outcome)) for delivery in latest],
            **kwargs,
        )

    @property
    def platform(self) -> type[Shop] | None:
        return shop_classes().get(self.object.platform)

    @property
    def is_owner(self) -> bool:
        return self.request.role == Role.OWNER

    def needs_attention(self, health: ShopHealth) -> bool:
        shop: ShopConnection = self.object
        has_failed = bool(shop.uninstalled_at or shop.trouble or shop.refused_webhooks)
        return has_failed or health.silent_since is not None or not health.has_phone_access

    def pairing_to_show(self) -> list[str]:
        """What an owner copies into the shop, until the shop has proved that it has it."""
        if self.object.last_delivery_at or not self.is_owner or self.platform is None:
            return []
        return shop_of(self.object).pairing(shop_webhook_url(self.object))


class PackageView(WorkspaceViewMixin, View):
    """What the merchant installs in the shop; there is nothing secret in it."""

    def get(self, request: MemberRequest, platform: str) -> HttpResponse:
        shop = shop_classes().get(platform)
        package = shop.package() if shop else None
        if package is None:
            raise Http404
        disposition = {"Content-Disposition": f'attachment; filename="{package.file_name}"'}
        return HttpResponse(package.content, content_type="application/zip", headers=disposition)


class PairAgainView(WorkspaceViewMixin, View):
    roles = frozenset({Role.OWNER})

    def post(self, request: MemberRequest, pk: int) -> HttpResponse:
        shop: ShopConnection = get_object_or_404(ShopConnection.objects.all(), pk=pk)
        pair_again(shop=shop)
        return redirect("integrations_shops:inspect", shop.pk)


class StatesView(WorkspaceViewMixin, View):
    """What states of the shop's own mean: a field for each, `state-` and its row's key."""

    roles = frozenset({Role.OWNER})

    def post(self, request: MemberRequest, pk: int) -> HttpResponse:
        shop: ShopConnection = get_object_or_404(ShopConnection.objects.all(), pk=pk)
        fields = ((name.removeprefix("state-"), str(chosen)) for name, chosen in request.POST.items())
        give_meanings(shop=shop, meanings={int(key): chosen for key, chosen in fields if key.isdecimal()})
        messages.success(request, _("Saved. Orders are read by it from now on; replay a webhook to read it again."))
        return redirect("integrations_shops:inspect", shop.pk)


class HandedOverView(WorkspaceViewMixin, View):
    roles = frozenset({Role.OWNER})

    def post(self, request: MemberRequest, pk: int) -> HttpResponse:
        asked: DataRequest = get_object_or_404(DataRequest.objects.all(), pk=pk)
        hand_over(request=asked, now=timezone.now())
        messages.success(request, _("Noted: the customer has their data."))
        return redirect("integrations_shops:inspect", asked.shop_id)


class WorkAgainView(WorkspaceViewMixin, View):
    roles = frozenset({Role.OWNER})

    def post(self, request: MemberRequest, pk: int) -> HttpResponse:
        stored: InboundDelivery = get_object_or_404(InboundDelivery.objects.filter(shop__isnull=False), pk=pk)
        delivery = work_again(delivery=stored, now=timezone.now())
        messages.info(request, in_words(delivery.outcome) or _("Nothing came of it yet: it will be tried again."))
        return redirect("integrations_shops:inspect", delivery.shop_id)


class ShopViewSet(WorkspaceViewSet):
    model = ShopConnection
    name = "shops"
    url_namespace = "integrations_shops"
    url_prefix = "integrations/shops"
    icon = "ch-shop"
    menu_label = _("Shops")
    menu_order = 700
    add_to_admin_menu = True
    base_form_class = ShopForm
    index_view_class = ShopIndexView
    add_view_class = ShopCreateView
    edit_view_class = ShopEditView
    delete_view_class = ShopDeleteView
    inspect_view_class = ShopInspectView
    inspect_view_enabled = True
    inspect_template_name = "integrations/shop/inspect.html"
    list_display = [
        "name",
        Column("platform", label=_("Platform"), accessor=platform_label, classname="ch-hide-s"),
        StatusTagColumn(
            "is_enabled",
            label=_("State"),
            accessor=lambda shop: shop.state_in_words,
            primary=lambda shop: shop.is_enabled and shop.last_delivery_at is not None,
        ),
        DateColumn("last_delivery_at", label=_("Last event"), sort_key="last_delivery_at", classname="ch-hide-s"),
    ]

    def get_index_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_index_view_kwargs(**{"add_item_label": _("Connect a shop"), **kwargs})

    def get_form_class(self, for_update: bool = False) -> type[forms.ModelForm]:
        return ShopEditForm if for_update else ShopForm

    def get_urlpatterns(self) -> list[URLPattern]:
        return [
            *super().get_urlpatterns(),
            path("again/<int:pk>/", WorkAgainView.as_view(), name="work_again"),
            path("handed-over/<int:pk>/", HandedOverView.as_view(), name="handed_over"),
            path("past/<int:pk>/", BackfillView.as_view(), name="past"),
            path("past/<int:pk>/start/", StartView.as_view(), name="start_past"),
            path("past/<int:pk>/stop/", StopView.as_view(), name="stop_past"),
            path("states/<int:pk>/", StatesView.as_view(), name="states"),
            path("pair/<int:pk>/", PairAgainView.as_view(), name="pair_again"),
            path("package/<slug:platform>/", PackageView.as_view(), name="package"),
        ]
