// A tap on a code selects it; with this, it is copied as well, and the page says so.
(function (d) {
d.addEventListener('click', function (e) {
var c = e.target.closest('[data-copied]');
if (c && navigator.clipboard) navigator.clipboard.writeText(c.textContent).then(function () {
c.nextElementSibling.textContent = c.dataset.copied;
if (c.dataset.to) navigator.sendBeacon(c.dataset.to);
});
});
})(document);
