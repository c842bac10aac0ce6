// SPDX-License-Identifier: GPL-2.0-only
//
// What the book's pages can do beyond being read: copy, expand, tooltips, keys, search. All data comes in scripts that
// the page asks for when it needs them, because a page opened from file:// may load nothing else.
'use strict';

const journey = (() => {
	const texts = new Map(), codes = new Map(), loading = new Map();
	let docs;

	const make = (tag, props, ...children) => {
		const e = Object.assign(document.createElement(tag), props);
		e.append(...children);
		return e;
	};

	// Load a script of the book once; false when it is not there.
	const load = src => {
		if (!loading.has(src))
			loading.set(src, new Promise(done => document.head.append(make('script',
				{src, onload: () => done(true), onerror: () => done(false)}))));
		return loading.get(src);
	};

	const put = (map, more) => Object.entries(more).forEach(([key, value]) => map.set(key, value));

	/* Copy: the tangled text of the whole chunk, of all its pieces and of what they use. */
	const copy = async text => {
		try {
			return await navigator.clipboard.writeText(text);
		} catch (e) { /* not allowed, or not there: the old way */ }
		const area = make('textarea', {value: text});
		document.body.append(area);
		area.select();
		const done = document.execCommand('copy');
		area.remove();
		if (!done)
			throw new Error('the browser refused');
	};

	const copyButton = figure => {
		const [page, id] = figure.dataset.text.split(' ');
		const button = make('button', {type: 'button', title: 'Copy the tangled text of this chunk'}, 'copy');
		button.onclick = async () => {
			let said = 'failed';
			try {
				if (await load(`text/${page}.js`)) {
					await copy(texts.get(id));
					said = 'copied';
				}
			} catch (e) { /* the button says it */ }
			button.textContent = said;
			setTimeout(() => { button.textContent = 'copy'; }, 1500);
		};
		figure.querySelector('figcaption').append(button);
	};

	/* Expand: a chunk's pieces appear below its use. */
	const twist = use => {
		const button = make('button', {type: 'button', className: 'twist', title: 'Show the chunk here'}, '▸');
		button.setAttribute('aria-expanded', 'false');
		let inset;
		// The end of the use's line would stand as an empty one below the inset.
		const end = use.nextSibling?.nodeType === Node.TEXT_NODE && use.nextSibling.data.startsWith('\n') ? use.nextSibling : null;
		button.onclick = async () => {
			const open = button.getAttribute('aria-expanded') === 'true';
			button.setAttribute('aria-expanded', String(!open));
			button.textContent = open ? '▸' : '▾';
			if (open) {
				if (inset && end)
					end.data = `\n${end.data}`;
				inset?.remove();
				inset = null;
				return;
			}
			const [page, id] = use.getAttribute('href').split('#');
			const name = page.replace(/\.html$/, '');
			if (!await load(`code/${name}.js`) || button.textContent === '▸')
				return;
			inset = make('span', {className: 'inset', innerHTML: codes.get(id)});
			inset.querySelectorAll('a.use').forEach(twist);
			use.after(inset);
			if (end)
				end.data = end.data.slice(1);
		};
		use.before(button);
	};

	/* Tooltips: what a title says, at once and readable. */
	const tip = make('div', {className: 'tip', hidden: true});
	tip.setAttribute('role', 'tooltip');
	const show = a => {
		const title = a.title || a.dataset.tip;
		if (!title)
			return;
		a.dataset.tip = title;
		a.removeAttribute('title');
		const [, text, where] = title.match(/^(.*?)(?:  \((.*)\))?$/s);
		tip.replaceChildren(text, ...where ? [make('small', {}, where)] : []);
		tip.hidden = false;
		const r = a.getBoundingClientRect();
		const left = Math.max(8, Math.min(r.left, document.documentElement.clientWidth - tip.offsetWidth - 8));
		const below = r.bottom + 6 + tip.offsetHeight < innerHeight;
		tip.style.left = `${left + scrollX}px`;
		tip.style.top = `${(below ? r.bottom + 6 : r.top - 6 - tip.offsetHeight) + scrollY}px`;
	};
	const hide = () => { tip.hidden = true; };
	const tipped = e => e.target.closest?.('a.id, a.sec, a.term, .recorded, .meta a, .pieces a');

	/* Search */
	const split = text => text.toLowerCase().split(/[^a-z0-9_]+/).filter(Boolean);

	// The book's own search, for when minisearch is not there: every word must begin a word, titles first.
	const plainSearch = all => query => {
		const wanted = split(query);
		const score = (words, word) => words.reduce((n, w) => n + (w === word ? 3 : w.startsWith(word) ? 1 : 0), 0);
		return all.map(doc => ({...doc, score: wanted.map(w => 8 * score(doc.words.title, w) + Math.min(4, score(doc.words.text, w)))}))
			.filter(doc => doc.score.every(Boolean))
			.map(doc => ({...doc, score: doc.score.reduce((a, b) => a + b)}))
			.sort((a, b) => b.score - a.score);
	};

	const searcher = async () => {
		await Promise.all([load('search.js'), load('minisearch.js')]);
		const all = (docs || []).map(([href, title, label, where, text], id) => ({id, href, title, label, where, text}));
		if (!window.MiniSearch) {
			all.forEach(d => { d.words = {title: split(`${d.title} ${d.label}`), text: split(`${d.text} ${d.where}`)}; });
			return plainSearch(all);
		}
		const mini = new MiniSearch({
			fields: ['title', 'label', 'text', 'where'], storeFields: ['href', 'title', 'label', 'where', 'text'],
			tokenize: text => text.split(/[^A-Za-z0-9_]+/).flatMap(w => w.includes('_') ? [w, ...w.split('_')] : [w]).filter(Boolean),
		});
		mini.addAll(all);
		return query => mini.search(query, {prefix: true, fuzzy: w => w.length > 4 ? 0.2 : 0, boost: {title: 6, label: 4},
			combineWith: 'AND', tokenize: text => text.split(/[^A-Za-z0-9_]+/).filter(Boolean)});
	};

	let finder;
	const find = async () => {
		if (!finder) {
			const input = make('input', {type: 'search', placeholder: 'Sections, chunks, identifiers, words', autocomplete: 'off'});
			input.setAttribute('aria-label', 'Search the book');
			const list = make('ol', {});
			finder = make('dialog', {className: 'find'}, input, list);
			document.body.append(finder);
			let search, now = 0;
			const mark = n => {
				now = Math.max(0, Math.min(n, list.children.length - 1));
				[...list.children].forEach((li, i) => li.classList.toggle('now', i === now));
				list.children[now]?.scrollIntoView({block: 'nearest'});
			};
			const snippet = (text, query) => {
				const at = text.toLowerCase().indexOf(split(query)[0]);
				return text.slice(Math.max(0, at - 40), Math.max(0, at - 40) + 140);
			};
			const update = () => {
				const hits = search && input.value.trim() ? search(input.value).slice(0, 40) : [];
				list.replaceChildren(...hits.map(h => make('li', {}, make('a', {href: h.href}, h.title,
					make('small', {}, [h.label, h.where, snippet(h.text, input.value)].filter(Boolean).join(' · '))))));
				if (search && input.value.trim() && !hits.length)
					list.append(make('p', {}, 'Nothing found.'));
				mark(0);
			};
			input.oninput = update;
			list.onclick = e => { if (e.target.closest('a')) finder.close(); };
			finder.onclick = e => { if (e.target === finder) finder.close(); };
			finder.onkeydown = e => {
				e.stopPropagation();
				if (e.key === 'ArrowDown' || e.key === 'ArrowUp') {
					e.preventDefault();
					mark(now + (e.key === 'ArrowDown' ? 1 : -1));
				} else if (e.key === 'Enter') {
					list.children[now]?.querySelector('a')?.click();
				}
			};
			searcher().then(s => { search = s; update(); });
		}
		finder.showModal();
		finder.querySelector('input').select();
	};

	/* Keys: left and right turn pages, / searches. */
	const keys = e => {
		if (e.ctrlKey || e.altKey || e.metaKey || e.shiftKey || e.target.closest?.('input, textarea'))
			return;
		const way = {ArrowLeft: 'prev', ArrowRight: 'next'}[e.key];
		// In code that is wider than the page the arrows move the code.
		const pre = e.target.closest?.('pre');
		if (way && !(pre && pre.scrollWidth > pre.clientWidth)) {
			const a = document.querySelector(`.walk .${way}`);
			if (a)
				location.href = a.href;
		} else if (e.key === '/') {
			e.preventDefault();
			find();
		}
	};

	/* The contents tell where the reader is. */
	const follow = () => {
		const links = new Map([...document.querySelectorAll('.contents .sections a')].map(a => [a.hash.slice(1), a]));
		if (!links.size || !window.IntersectionObserver)
			return;
		const heads = [...document.querySelectorAll('main h2[id]')].filter(h => links.has(h.id));
		const mark = () => {
			const past = heads.filter(h => h.getBoundingClientRect().top < innerHeight / 3).pop();
			links.forEach((a, id) => a.classList.toggle('now', id === past?.id));
		};
		new IntersectionObserver(mark, {rootMargin: '0px 0px -66% 0px'}).observe(document.body);
		heads.forEach(h => new IntersectionObserver(mark, {rootMargin: '0px 0px -66% 0px'}).observe(h));
	};

	const start = () => {
		document.querySelectorAll('figure.chunk').forEach(copyButton);
		document.querySelectorAll('.chunk pre a.use').forEach(twist);
		document.body.append(tip);
		for (const [event, act] of [['mouseover', show], ['focusin', show]])
			document.addEventListener(event, e => { const a = tipped(e); if (a) act(a); });
		for (const event of ['mouseout', 'focusout', 'scroll'])
			document.addEventListener(event, hide, {passive: true});
		document.addEventListener('keydown', keys);
		const button = document.getElementById('search');
		button.hidden = false;
		button.onclick = find;
		// Where the contents stand above the text, they start closed.
		const wide = matchMedia('(min-width: 62rem)');
		const fit = () => document.querySelector('.contents details.all')?.toggleAttribute('open', wide.matches);
		wide.addEventListener('change', fit);
		fit();
		document.querySelector('.contents [aria-current]')?.scrollIntoView({block: 'nearest'});
		if (location.hash)
			document.getElementById(decodeURIComponent(location.hash.slice(1)))?.scrollIntoView();
		follow();
	};
	if (document.readyState === 'loading')
		document.addEventListener('DOMContentLoaded', start);
	else
		start();

	return {texts: more => put(texts, more), codes: more => put(codes, more), docs: list => { docs = list; }};
})();
