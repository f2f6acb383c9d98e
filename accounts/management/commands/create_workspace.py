from argparse import ArgumentParser
from typing import Any

from django.core.management import BaseCommand, CommandError
from django.utils.text import slugify

from accounts.models import User
from accounts.services import SlugTaken, create_workspace


class Command(BaseCommand):
    help = "Makes a workspace for a brand, with its root page, collection and roles."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name")
        parser.add_argument("--owner", required=True, help="e-mail address of somebody who has an account")
        parser.add_argument("--slug", default="", help="short name, from the name if left out")
        parser.add_argument("--host", default="", help="a host name of its own for the brand's pages")

    def handle(self, *args: Any, name: str, owner: str, slug: str, host: str, **options: Any) -> None:
        user = User.objects.filter(email__iexact=owner).first()
        if user is None:
            raise CommandError(f"Nobody has the address {owner}: manage.py createsuperuser makes the first account.")
        try:
            workspace = create_workspace(name=name, slug=slug or slugify(name), owner=user, host=host)
        except SlugTaken as error:
            raise CommandError(f"The short name {error} is taken: choose another with --slug.") from error
        self.stdout.write(f"{workspace} is there, and {user.email} owns it.")
