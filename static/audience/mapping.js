/**
 * Reads a file again when somebody says otherwise how it is to be read, or what a column is.
 *
 *   <form data-controller="ch-mapping" data-action="change->ch-mapping#changed">
 *     <div data-ch-mapping-part="reading">…</div>
 *
 * Every change is posted; the answer holds the next contents of the parts, by name. The focus stays where it was.
 */
class MappingController extends window.StimulusModule.Controller {
  static values = { failed: String };

  connect() {
    this.order = 'pressing';
    this.round = 0;
  }

  changed() {
    // From here on, an answer to what was asked before would undo this change.
    this.round += 1;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.read(), 150);
  }

  async read() {
    const { round } = this;
    this.element.setAttribute('aria-busy', 'true');
    try {
      const response = await fetch(this.element.action, {
        method: 'POST',
        body: new FormData(this.element),
        headers: { 'X-Requested-With': 'XMLHttpRequest' },
      });
      if (!response.ok || response.redirected) throw new Error(`answered ${response.status}`);
      const html = await response.text();
      if (round === this.round) this.show(html);
    } catch {
      // The page stays as it is; the next change, or the button, tries again.
      const missing = this.element.querySelector('[data-ch-mapping-part="missing"]');
      if (missing) missing.textContent = this.failedValue;
    } finally {
      if (round === this.round) this.element.removeAttribute('aria-busy');
    }
  }

  show(html) {
    const holder = document.createElement('template');
    holder.innerHTML = html;
    const focused = document.activeElement?.name;
    this.element.querySelectorAll('[data-ch-mapping-part]').forEach((part) => {
      const next = holder.content.querySelector(`[data-ch-mapping-part="${part.dataset.chMappingPart}"]`);
      if (next) part.replaceChildren(...next.childNodes);
    });
    if (focused && document.activeElement?.name !== focused) {
      this.element.querySelector(`[name="${CSS.escape(focused)}"]`)?.focus();
    }
    this.sort(this.order);
  }

  pressing() {
    this.sort('pressing');
  }

  inOrder() {
    this.sort('file');
  }

  sort(order) {
    this.order = order;
    this.element.querySelectorAll('[data-ch-mapping-order]').forEach((body) => {
      body.hidden = body.dataset.chMappingOrder !== order;
    });
    this.element.querySelectorAll('.ch-filter').forEach((button) => {
      const isPressing = button.dataset.action.endsWith('#pressing');
      button.setAttribute('aria-pressed', String(isPressing === (order === 'pressing')));
    });
  }
}

window.wagtail.app.register('ch-mapping', MappingController);
