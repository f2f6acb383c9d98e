/**
 * Keeps a fragment of a page fresh while something is running.
 *
 *   <div data-controller="ch-live" data-ch-live-src-value="/admin/…/live/">
 *     <div data-ch-live-target="fragment" data-state="sending" data-words="Sending" data-every="2000">…</div>
 *   </div>
 *
 * The server decides: its answer is the next fragment element, and `data-every` says after how many milliseconds to
 * ask again; without it the fragment is final. Nothing is fetched in a hidden tab or while something in the fragment
 * has the focus. Only a change of `data-state` is announced, with `data-words`.
 */
class LiveController extends window.StimulusModule.Controller {
  static targets = ['fragment'];

  static values = { src: String };

  connect() {
    this.failures = 0;
    this.onVisibility = () => (document.hidden ? this.stop() : this.schedule());
    document.addEventListener('visibilitychange', this.onVisibility);
    this.status = document.createElement('p');
    this.status.className = 'w-sr-only';
    this.status.setAttribute('role', 'status');
    this.element.append(this.status);
    this.schedule();
  }

  disconnect() {
    this.stop();
    document.removeEventListener('visibilitychange', this.onVisibility);
    this.status.remove();
  }

  stop() {
    clearTimeout(this.timer);
  }

  schedule() {
    this.stop();
    const every = Number(this.fragmentTarget.dataset.every);
    if (!every || document.hidden) return;
    this.timer = setTimeout(() => this.tick(), Math.min(every * 2 ** this.failures, 60000));
  }

  async tick() {
    if (!this.fragmentTarget.contains(document.activeElement)) await this.refresh();
    if (this.element.isConnected) this.schedule();
  }

  async refresh() {
    try {
      const response = await fetch(this.srcValue, { headers: { 'X-Requested-With': 'XMLHttpRequest' } });
      if (!response.ok || response.redirected) throw new Error(`answered ${response.status}`);
      this.show(await response.text());
      this.failures = 0;
    } catch {
      this.failures += 1;
    }
  }

  show(html) {
    const holder = document.createElement('template');
    holder.innerHTML = html;
    const next = holder.content.querySelector('[data-ch-live-target="fragment"]');
    const before = this.fragmentTarget.dataset.state;
    if (!next || this.fragmentTarget.contains(document.activeElement)) return;
    this.fragmentTarget.replaceWith(next);
    if (next.dataset.state !== before) this.announce(next);
  }

  announce(fragment) {
    this.status.textContent = fragment.dataset.words || '';
    this.dispatch('changed', { detail: { state: fragment.dataset.state } });
  }
}

window.wagtail.app.register('ch-live', LiveController);
