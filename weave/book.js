// SPDX-License-Identifier: GPL-2.0-only
//
// What the book's pages can do beyond being read: copy, expand, tooltips, keys, search. All data comes in scripts that
// the page asks for when it needs them, because a page opened from file:// may load nothing else.
'use strict';

const journey = (() => {
	const texts = new Map(), codes = new Map(), loading = new Map(), found = {pages: [], docs: []};

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

	/* Search: for words as they stand in the book, whatever stands between them. */
	const normal = text => text.toLowerCase().replace(/[^\p{L}\p{N}_]+/gu, ' ').trim();
	const kinds = {section: 3, identifier: 4, chunk: 1};

	const prepare = list => list.map(([href, title, label, where, text]) => {
		const chunk = title.startsWith('⟨');
		const name = normal(title);
		return {href, title, label, where, text, name, kind: chunk ? 'chunk' : / in /.test(where) && /#def-/.test(href) ? 'identifier' : 'section',
			// A part of a name is a word, too.
			in: ` ${name} ${name.includes('_') ? name.replace(/_/g, ' ') : ''} ${normal(label)} ${normal(text)} `};
	});

	const count = (text, what) => {
		let n = 0;
		for (let at = text.indexOf(what); at >= 0 && n < 9; at = text.indexOf(what, at + what.length))
			n++;
		return n;
	};

	const score = (doc, words, phrase) => {
		let n = kinds[doc.kind];
		if (doc.name === phrase || normal(doc.label) === phrase)
			n += 200;
		else if (` ${doc.name}`.includes(` ${phrase}`))
			n += 40;
		if (words.length > 1 && doc.in.includes(` ${phrase}`))
			n += 60;
		return n + words.reduce((sum, w) => sum + Math.min(4, count(doc.in, ` ${w}`)) + (` ${doc.name} `.includes(` ${w}`) ? 10 : 0), 0);
	};

	// How many letters must change to make one word the other, if it is two at most.
	const apart = (a, b) => {
		if (Math.abs(a.length - b.length) > 2)
			return 3;
		let row = Array.from({length: b.length + 1}, (_, i) => i);
		for (let i = 1; i <= a.length; i++) {
			const next = [i];
			for (let j = 1; j <= b.length; j++)
				next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
			row = next;
		}
		return row[b.length];
	};

	const searcher = async () => {
		await load('search.js');
		await Promise.all(found.pages.map(name => load(`search/${name}.js`)));
		const all = prepare(found.docs);
		let vocabulary;
		const best = (list, words, phrase) => list.map(doc => ({doc, n: score(doc, words, phrase)})).sort((a, b) => b.n - a.n).map(x => x.doc);
		return query => {
			const phrase = normal(query), words = [...new Set(phrase.split(' '))].filter(Boolean);
			if (!words.length)
				return {hits: []};
			const every = list => all.filter(doc => list.every(w => doc.in.includes(` ${w}`)));
			let hits = every(words);
			if (hits.length)
				return {hits: best(hits, words, phrase)};
			// Perhaps a slip: the nearest word that there is.
			vocabulary ??= new Set(all.flatMap(doc => doc.in.split(' ')));
			const near = words.map(w => {
				if (w.length < 4 || all.some(doc => doc.in.includes(` ${w}`)))
					return w;
				let nearest = w, least = w.length > 6 ? 3 : 2;
				for (const v of vocabulary) {
					const n = apart(w, v);
					if (n < least)
						[nearest, least] = [v, n];
				}
				return nearest;
			});
			if (near.some((w, i) => w !== words[i]) && (hits = every(near)).length)
				return {hits: best(hits, near, near.join(' ')), said: `Nothing says that; this is for “${near.join(' ')}”.`};
			// A message with a name or number of the reader's in it: what has most of its words, the rare ones before all.
			const rare = words.map(w => [w, all.filter(doc => doc.in.includes(` ${w} `)).length]).filter(([, n]) => n);
			const value = doc => rare.reduce((sum, [w, n]) => sum + (doc.in.includes(` ${w} `) ? 1 / Math.log2(n + 2) : 0), 0);
			hits = all.map(doc => ({doc, n: value(doc)})).filter(x => x.n).sort((a, b) => b.n - a.n).map(x => x.doc);
			return {hits, said: hits.length ? 'No place has all these words; most of them:' : 'Nothing found.'};
		};
	};

	let finder;
	const find = async () => {
		if (!finder) {
			const input = make('input', {type: 'search', placeholder: 'Sections, chunks, identifiers, words, messages', autocomplete: 'off'});
			input.setAttribute('aria-label', 'Search the book');
			const said = make('p', {});
			said.setAttribute('role', 'status');
			const list = make('ol', {});
			finder = make('dialog', {className: 'find'}, input, said, list);
			finder.setAttribute('aria-label', 'Search');
			document.body.append(finder);
			let search, now = 0;
			const mark = n => {
				now = Math.max(0, Math.min(n, list.children.length - 1));
				[...list.children].forEach((li, i) => li.classList.toggle('now', i === now));
				list.children[now]?.scrollIntoView({block: 'nearest'});
			};
			const snippet = (text, query) => {
				const word = normal(query).split(' ')[0], at = text.toLowerCase().indexOf(word);
				const from = Math.max(0, at - 40);
				return at < 0 ? [text.slice(0, 140)] : [text.slice(from, at), make('mark', {}, text.slice(at, at + word.length)),
					text.slice(at + word.length, from + 140)];
			};
			const update = () => {
				const query = input.value.trim();
				if (!search)
					said.textContent = 'The index is being read …';
				const result = search && query ? search(query) : {hits: []};
				const hits = result.hits.slice(0, 40);
				list.replaceChildren(...hits.map(h => make('li', {}, make('a', {href: h.href}, h.title,
					make('small', {}, [h.label, h.where].filter(Boolean).join(' · '), ' · ', ...snippet(h.text, query))))));
				if (search)
					said.textContent = result.said || (query ? `${result.hits.length} place${result.hits.length === 1 ? '' : 's'}` : '');
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

	/* Light or dark: what the reader says, else what the system says. The page's head has set it already. */
	const themes = () => {
		const button = document.getElementById('theme'), root = document.documentElement;
		const dark = matchMedia('(prefers-color-scheme: dark)');
		const now = () => root.dataset.theme || (dark.matches ? 'dark' : 'light');
		const say = () => {
			const other = now() === 'dark' ? 'light' : 'dark';
			button.textContent = other === 'dark' ? 'Dark' : 'Light';
			button.title = `Show the book in ${other} colours`;
		};
		button.onclick = () => {
			root.dataset.theme = now() === 'dark' ? 'light' : 'dark';
			try {
				localStorage.setItem('theme', root.dataset.theme);
			} catch (e) { /* then it lasts for this page */ }
			say();
		};
		dark.addEventListener('change', say);
		button.hidden = false;
		say();
	};

	/* An old number, as in an old link: the page of the numbers that moved knows it. */
	const forward = () => {
		const id = decodeURIComponent(location.hash.slice(1));
		if (/^[A-Z]-\d{3}$/.test(id) && !document.getElementById(id) && !/moved\.html$/.test(location.pathname))
			document.querySelector('.contents a[href="moved.html"]') && location.replace(`moved.html#${id}`);
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
		for (const event of ['mouseout', 'focusout'])
			document.addEventListener(event, e => { if (tipped(e)) hide(); });
		// What has the focus was perhaps scrolled to, and keeps its tip.
		document.addEventListener('scroll', () => { if (!document.activeElement?.dataset.tip) hide(); }, {passive: true});
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
		themes();
		forward();
	};
	if (document.readyState === 'loading')
		document.addEventListener('DOMContentLoaded', start);
	else
		start();

	return {texts: more => put(texts, more), codes: more => put(codes, more),
		pages: list => { found.pages = list; }, docs: list => { found.docs.push(...list); }};
})();
