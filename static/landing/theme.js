/** Shows what becomes of the choices in the form while they are made: a page, and the colours that had to move. */
class LandingThemeController extends window.StimulusModule.Controller {
  static targets = ['form', 'frame', 'moves'];

  static values = { preview: String, moves: String };

  disconnect() {
    clearTimeout(this.timer);
  }

  later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.show(), 200);
  }

  async show() {
    const choices = new URLSearchParams(new FormData(this.formTarget));
    choices.delete('csrfmiddlewaretoken');
    this.frameTarget.contentWindow.location.replace(`${this.previewValue}?${choices}`);
    const answer = await fetch(`${this.movesValue}?${choices}`);
    if (answer.ok) this.movesTarget.innerHTML = await answer.text();
  }
}

window.wagtail.app.register('landing-theme', LandingThemeController);
