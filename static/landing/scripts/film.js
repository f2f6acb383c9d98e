// A tap on a film plays it here. Its host is told who embeds it, as it asks to be, and not which page.
(function (d) {
d.addEventListener('click', function (e) {
var a = e.target.closest('[data-player],[data-file]'), p, f;
if (!a || e.ctrlKey || e.metaKey) return;
f = a.dataset.file;
p = d.createElement(f ? 'video' : 'iframe');
p.className = 'pic screen';
p.title = a.querySelector('.name').textContent;
if (f) p.controls = p.autoplay = p.playsInline = true;
else {
p.allow = 'autoplay; fullscreen; picture-in-picture';
p.referrerPolicy = 'origin';
}
p.src = f || a.dataset.player;
p.tabIndex = 0;
e.preventDefault();
a.replaceWith(p);
p.focus();
});
})(document);
