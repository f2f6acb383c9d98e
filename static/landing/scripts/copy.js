// A tap on a code selects it; with this, it is copied as well, and the page says so. By keyboard it is a button.
(function (d, board) {
if (!board) return;
function copy(e) {
var c = e.target.closest('[data-copied]');
if (!c || e.key && e.key != 'Enter' && e.key != ' ') return;
if (e.key) e.preventDefault();
board.writeText(c.textContent).then(function () {
c.nextElementSibling.textContent = c.dataset.copied;
if (c.dataset.to) navigator.sendBeacon(c.dataset.to);
});
}
d.querySelectorAll('[data-copied]').forEach(function (c) {
c.tabIndex = 0;
c.setAttribute('role', 'button');
});
d.addEventListener('click', copy);
d.addEventListener('keydown', copy);
})(document, navigator.clipboard);
