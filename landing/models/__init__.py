from landing.models.answer import FormAnswer
from landing.models.conversion import Conversion
from landing.models.page import LandingPage
from landing.models.piece import Piece
from landing.models.theme import Theme
from landing.models.trial import LinkTrial

__all__ = ["Conversion", "FormAnswer", "LandingPage", "LinkTrial", "Piece", "Theme"]
