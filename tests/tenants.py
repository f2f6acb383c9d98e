"""A workspace full to the brim: one row of every tenant model and of Wagtail's, with a marker in every text."""

import datetime
import os
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.contrib.auth.models import Group
from django.core.files.base import ContentFile
from django.core.files.images import ImageFile
from django.db import models
from django_scopes import scope, scopes_disabled
from wagtail.admin.models import EditingSession
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.images.tests.utils import get_test_image_file
from wagtail.models import Collection, CollectionMember, Page, Revision, Site, UploadedFile

from accounts.fields import SealedBytesField, SealedJSONField, SealedTextField
from accounts.models import Role, User, Workspace, WorkspaceModel
from campaigns.models import Automation, Campaign
from integrations.models import GatewayAccount, InboundDelivery, ShopConnection
from landing.models import LandingPage
from tests.factories import TUESDAY, make_member, make_workspace

Image, Document = get_image_model(), get_document_model()
# Words that mean something to the code, and what a constraint wants to be empty.
GIVEN: dict[type[models.Model], dict[str, Any]] = {
    Automation: {"trigger": "order_placed"},
    Campaign: {"segment": None},
    GatewayAccount: {"gateway": "simulator"},
    InboundDelivery: {"gateway_account": None, "source": None},
    ShopConnection: {"platform": "shopify"},
}
TENANT_MODELS = [model for model in apps.get_models() if issubclass(model, WorkspaceModel)]


@dataclass
class Tenant:
    """`tenant[Contact]` is its contact; `marker` stands in every text of it."""

    workspace: Workspace
    marker: str
    rows: dict[type[models.Model], models.Model] = field(default_factory=dict)

    def __getitem__(self, model: type[models.Model]) -> Any:
        return self.rows[model]

    def row_for(self, relation: models.ForeignKey) -> models.Model | None:
        return self.rows.get(relation.related_model)


def make_tenant(marker: str) -> Tenant:
    """Every row that a leak could show. `marker` is short: it must fit into a sender's name."""
    # The name is no secret to those who may switch to it; everything under it is.
    workspace = make_workspace(f"{marker}-slug", name="Atelier Breton", host=f"{marker}.example")
    Workspace.objects.filter(pk=workspace.pk).update(legal_name=f"{marker} legal", contact_details=f"{marker} details")
    Page.objects.filter(pk=workspace.root_page_id).update(title=f"{marker} root", draft_title=f"{marker} root")
    Collection.objects.filter(pk=workspace.collection_id).update(name=f"{marker} collection")
    tenant = Tenant(workspace, marker, {Workspace: workspace, Collection: workspace.collection, Site: workspace.site})
    tenant.rows[User] = owner = make_member(workspace, Role.OWNER, f"{marker}@{marker}.example")
    User.objects.filter(pk=owner.pk).update(first_name=f"{marker} first", last_name=f"{marker} last")
    tenant.rows[Group] = workspace.role_groups.get(role=Role.OWNER).group
    with scope(workspace=workspace):
        fill_wagtail(tenant, owner)
        for model in sorted(TENANT_MODELS, key=lambda model: list(apps.app_configs).index(model._meta.app_label) * -1):
            fill(tenant, model)
    return tenant


def fill_wagtail(tenant: Tenant, owner: User) -> None:
    marker, collection = tenant.marker, tenant.workspace.collection
    page = tenant.workspace.root_page.add_child(
        instance=LandingPage(title=f"{marker} page", slug=f"{marker}-page", owner=owner)
    )
    tenant.rows[Revision] = page.save_revision(user=owner, log_action=True)
    tenant.rows[Revision].publish(user=owner, log_action=True)
    tenant.rows[LandingPage] = page
    tenant.rows[Page] = Page.objects.get(pk=page.pk)
    picture = get_test_image_file(filename=f"{marker}.png")
    tenant.rows[Image] = Image.objects.create(
        title=f"{marker} image", file=ImageFile(picture.file, picture.name), collection=collection,
        uploaded_by_user=owner,
    )  # fmt: skip
    tenant.rows[Document] = Document.objects.create(
        title=f"{marker} document", file=ContentFile(b"%PDF", f"{marker}.pdf"), collection=collection,
        uploaded_by_user=owner,
    )  # fmt: skip
    tenant.rows[UploadedFile] = UploadedFile.objects.create(
        uploaded_by_user=owner, file=ContentFile(b"x", f"{marker}-upload.png")
    )
    tenant.rows[EditingSession] = EditingSession.objects.create(
        user=owner, content_object=page, last_seen_at=datetime.datetime.now(datetime.UTC)
    )


def fill(tenant: Tenant, model: type[models.Model]) -> None:
    """One row of the model, unless an earlier step has made it; rows it needs come first."""
    if model in tenant.rows:
        return
    relations = [field for field in model._meta.concrete_fields if isinstance(field, models.ForeignKey)]
    for relation in relations:
        if relation.related_model in TENANT_MODELS and relation.related_model is not model and not relation.null:
            fill(tenant, relation.related_model)
    existing = model.objects.first()
    tenant.rows[model] = existing or model.objects.create(**values_of(tenant, model))


def values_of(tenant: Tenant, model: type[models.Model]) -> dict[str, Any]:
    values = {}
    for one in model._meta.concrete_fields:
        if one.primary_key or getattr(one, "auto_now_add", False):
            continue
        values[one.name] = value_of(tenant, one)
    values |= GIVEN.get(model, {})
    return {name: value for name, value in values.items() if value is not None}


def value_of(tenant: Tenant, one: models.Field) -> Any:
    if isinstance(one, models.ForeignKey):
        return tenant.row_for(one)
    if isinstance(one, models.BinaryField):
        return sealed_value(tenant, one)
    if one.has_default():
        return one.get_default()
    if one.choices:
        return one.choices[0][0]
    return next((make(tenant.marker, one) for kind, make in PLAIN.items() if isinstance(one, kind)), None)


def sealed_value(tenant: Tenant, one: models.BinaryField) -> Any:
    if isinstance(one, SealedJSONField):
        return one.get_default() if one.has_default() else {}
    if isinstance(one, SealedBytesField):
        return tenant.marker.encode()
    if isinstance(one, SealedTextField):
        return "+33639980042" if "phone" in one.name else f"{tenant.marker} sealed"
    return os.urandom(one.max_length or 32)


def words(marker: str, one: models.Field) -> str:
    """The marker and the field's name, as far as they fit; a code of two letters is a country."""
    is_code = one.max_length is not None and one.max_length < 8
    return "FR" if is_code else f"{marker}{one.name}"[: one.max_length]


PLAIN = {
    models.URLField: lambda marker, one: f"https://{marker}.example/",
    models.EmailField: lambda marker, one: f"{marker}@{marker}.example",
    models.CharField: words,
    models.TextField: words,
    models.DateTimeField: lambda marker, one: TUESDAY,
    models.DateField: lambda marker, one: TUESDAY.date(),
    models.IntegerField: lambda marker, one: 1,
    models.JSONField: lambda marker, one: {},
}


def snapshot(tenant: Tenant) -> dict[str, Any]:
    """What the tenant has, to be compared after everybody has knocked."""
    # Read again: Wagtail keeps collections in order of their names, so that a new one moves the others.
    workspace = Workspace.objects.select_related("root_page", "collection").get(pk=tenant.workspace.pk)
    with scopes_disabled():
        rows: dict[str, Any] = {
            model._meta.label: list(model.objects.filter(workspace=workspace).order_by("pk").values())
            for model in TENANT_MODELS
        }
    pages = Page.objects.filter(path__startswith=workspace.root_page.path).order_by("path")
    rows["pages"] = list(pages.values("pk", "path", "title", "slug", "live", "locked", "latest_revision_id"))
    for model in (Image, Document):
        files = model.objects.filter(collection__path__startswith=workspace.collection.path)
        rows[model.__name__] = list(files.order_by("pk").values("pk", "title", "file", "collection_id"))
    rows["workspace"] = Workspace.objects.filter(pk=workspace.pk).values().get()
    return rows


def strays() -> list[str]:
    """Rows of one workspace that point at a row, page or file of another."""
    found = []
    with scopes_disabled():
        for model in TENANT_MODELS:
            for relation in model._meta.concrete_fields:
                if isinstance(relation, models.ForeignKey):
                    found += strays_of(model, relation)
    return found


def strays_of(model: type[models.Model], relation: models.ForeignKey) -> list[str]:
    target = relation.related_model
    rows = model.objects.exclude(**{relation.name: None})
    if issubclass(target, WorkspaceModel):
        rows = rows.exclude(**{f"{relation.name}__workspace": models.F("workspace")})
    elif issubclass(target, Page):
        rows = rows.exclude(**{f"{relation.name}__path__startswith": models.F("workspace__root_page__path")})
    elif issubclass(target, CollectionMember):
        rows = rows.exclude(
            **{f"{relation.name}__collection__path__startswith": models.F("workspace__collection__path")}
        )
    else:
        return []
    return [f"{model.__name__} {row.pk}: {relation.name}" for row in rows]
