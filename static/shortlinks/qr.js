/** Draws the QR code again while its colours are being chosen; the server draws it, so that it is what is printed. */
class QrController extends window.StimulusModule.Controller {
  static targets = ['preview'];

  static values = { src: String };

  disconnect() {
    clearTimeout(this.timer);
  }

  draw(event) {
    const form = event.currentTarget;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.fetch(new URLSearchParams(new FormData(form))), 200);
  }

  async fetch(choices) {
    const asked = (this.asked || 0) + 1;
    this.asked = asked;
    const answer = await fetch(`${this.srcValue}?${choices}`, { headers: { 'X-Requested-With': 'fetch' } }).catch(() => null);
    if (answer?.ok && asked === this.asked) {
      this.previewTarget.innerHTML = await answer.text();
    }
  }
}

window.wagtail.app.register('ch-qr', QrController);
