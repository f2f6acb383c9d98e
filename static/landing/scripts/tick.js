// Moves the figures of a countdown, which the server has written, once a second.
(function (d) {
d.querySelectorAll('[data-end]').forEach(function (e) {
var b = e.querySelectorAll('b');
function t() {
var m = Math.max(0, Math.ceil((new Date(e.dataset.end) - Date.now()) / 6e4));
[m / 1440, m / 60 % 24, m % 60].forEach(function (n, i) { n |= 0; b[i].textContent = i && n < 10 ? '0' + n : n; });
}
t();
setInterval(t, 1e3);
});
})(document);
