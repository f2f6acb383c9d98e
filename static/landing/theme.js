/** Shows what becomes of the choices in the form while they are made: a page, and the colours that had to move. */
class LandingThemeController extends window.StimulusModule.Controller {
  static targets = ['form', 'frame', 'moves', 'scheme', 'size', 'stage'];

  static values = { preview: String, moves: String };

  disconnect() {
    clearTimeout(this.timer);
  }

  later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.show(), 200);
  }

  /** The choices of a ready look, into the form. */
  take({ params }) {
    Object.entries(params).forEach(([name, choice]) => {
      const field = this.formTarget.elements.namedItem(name);
      if (field) field.value = choice;
    });
    this.later();
  }

  chosen(inputs) {
    return inputs.find((input) => input.checked).value;
  }

  async show() {
    const choices = new URLSearchParams(new FormData(this.formTarget));
    choices.delete('csrfmiddlewaretoken');
    choices.set('scheme', this.chosen(this.schemeTargets));
    this.stageTarget.dataset.size = this.chosen(this.sizeTargets);
    this.frameTarget.contentWindow.location.replace(`${this.previewValue}?${choices}`);
    const answer = await fetch(`${this.movesValue}?${choices}`);
    if (answer.ok) this.movesTarget.innerHTML = await answer.text();
  }
}

window.wagtail.app.register('landing-theme', LandingThemeController);
