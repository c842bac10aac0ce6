# SPDX-License-Identifier: GPL-2.0-only
#
# python3 forms.py pdf|epub BUILD OUT: make the book as one PDF, or as an EPUB, of the pages that weave has left in the folder
# BUILD: outline (a page a line: name, letter and name of its part, number, title) and NAME.body.
#
# Both forms have the pages and the style sheet of the HTML, and what else they need stands here. A picture is told its
# colours in its own style element, since weasyprint keeps the page's rules, and its variables, from what is inside an SVG,
# and so do some readers of EPUB.

import datetime
import html
import os
import re
import sys
import zipfile

WEAVE = os.path.dirname(os.path.abspath(__file__))
TITLE = 'the lguest Journey'
SUBTITLE = 'A small hypervisor, written to be read'


class Page:
    def __init__(self, build, line):
        self.name, self.letter, self.part, self.label, self.title = line.rstrip('\n').split('\t')
        with open(os.path.join(build, self.name + '.body'), encoding='utf-8') as file:
            self.body = file.read()


def read_pages(build):
    with open(os.path.join(build, 'outline'), encoding='utf-8') as file:
        return [Page(build, line) for line in file]


def blurbs():
    """What a part is about, by its letter."""
    with open(os.path.join(WEAVE, 'parts'), encoding='utf-8') as file:
        return dict(line.rstrip('\n').split(' ', 1) for line in file if line.strip())


def style_sheet():
    """The style sheet in its light colours, without variables, and what of it is about drawings."""
    with open(os.path.join(WEAVE, 'style.css'), encoding='utf-8') as file:
        css = re.sub(r'/\*.*?\*/', '', file.read(), flags=re.S)
    root = re.search(r':root \{(.*?)\}', css, re.S).group(1)
    values = dict(re.findall(r'--([\w-]+):\s*([^;]+);', root))
    css = re.sub(r'var\(--([\w-]+)\)', lambda m: values[m.group(1)], css)
    # The screen's own rules, and those that a paged form does not know.
    css = re.sub(r'@media (?:screen|\(prefers)[^{]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}', '', css)
    css = re.sub(r':root[^{]*\{[^{}]*\}', '', css)
    css = re.sub(r'[^{};]*color-mix\([^;}]*;?', '', css)
    drawn = '\n'.join(re.findall(r'^\.drawn svg [^{]*\{[^}]*\}', css, re.M))
    return css, drawn.replace('.drawn svg ', '')


def drawings(body, drawn, scope):
    """Give each drawing its rules; scope is what stands before their selectors."""
    rules = re.sub(r'(^|,)\s*([^{},]+)(?=[,{])', lambda m: m.group(1) + scope + m.group(2).strip() + ' ', drawn, flags=re.M)
    body = re.sub(r'<svg (?!xmlns)', '<svg xmlns="http://www.w3.org/2000/svg" ', body)
    return re.sub(r'(<figure class="picture drawn".*?<svg [^>]*>)', lambda m: m.group(1) + '<style>' + rules + '</style>', body, flags=re.S)


# ---------------------------------------------------------------------- PDF

def inner_links(body):
    """A link to another page is one to a place in the same document."""
    body = re.sub(r'href="[\w-]+\.html(#[^"]*)"', r'href="\1"', body)
    return re.sub(r'href="([\w-]+)\.html"', r'href="#page-\1"', body)


def contents_of(pages):
    out, part = [], None
    for page in pages:
        if page.letter and page.part != part:
            part = page.part
            out.append(f'<p class="toc-part"><a href="#part-{page.letter}">{page.letter} {html.escape(part)}</a></p>')
        elif not page.letter and part:
            part = None
            out.append('<p class="toc-part">To look things up</p>')
        out.append(f'<p class="toc-page"><a href="#page-{page.name}">{page.title}</a></p>')
        for ident, label, title in re.findall(r'<h2 id="([^"]*)"[^>]*><a class="label"[^>]*>([A-Z]:\d{3})</a>\s*(.*?)</h2>', page.body, re.S):
            out.append(f'<p class="toc-section"><a href="#{ident}"><span class="label">{label}</span> {title}</a></p>')
    return '\n'.join(out)


def lighter(code):
    """Code without the links of its identifiers, and with the colours of comments, strings and words of the language alone."""
    code = re.sub(r'<a class="id"[^>]*>(.*?)</a>', r'\1', code)
    return re.sub(r'<span class="(?!co|st|kw|cf|dt)\w\w">([^<]*)</span>', r'\1', code)


def one_document(pages):
    css, drawn = style_sheet()
    with open(os.path.join(WEAVE, 'print.css'), encoding='utf-8') as file:
        css += file.read()
    with open(os.path.join(WEAVE, 'icon.svg'), encoding='utf-8') as file:
        icon = re.sub(r'<!--.*?-->', '', file.read(), flags=re.S)
    about, part, out = blurbs(), None, []
    pages = [page for page in pages if page.name != 'index']
    for page in pages:
        if page.letter and page.part != part:
            part = page.part
            out.append(f'<section class="opening" id="part-{page.letter}"><p class="letter">{page.letter}</p><h1 class="part-title">{html.escape(part)}</h1>'
                       f'<p class="blurb">{html.escape(about.get(page.letter, ""))}</p></section>')
        body = drawings(page.body, drawn, '')
        # What only a screen has use for.
        body = re.sub(r' (?:title|tabindex|aria-label|data-\w+)="[^"]*"', '', body)
        body = re.sub(r'<a class="here".*?</a>', '', body)
        # In code an identifier's place stands below the chunk; thousands of boxes less are minutes less.
        body = re.sub(r'<pre.*?</pre>', lambda m: lighter(m.group(0)), body, flags=re.S)
        # In the index of identifiers the uses are words, for the same reason.
        if page.name == 'identifiers':
            body = re.sub(r'<span class="kind">used in.*?</dd>', lambda m: re.sub(r'</?a\b[^>]*>', '', m.group(0)), body)
        body = re.sub(r'<details class="hint"><summary>(.*?)</summary>', r'<div class="hint"><p><em>\1.</em></p>', body).replace('</details>', '</div>')
        out.append(f'<section class="page{" back" if not page.letter else ""}" id="page-{page.name}"><h1>{page.title}</h1>\n{body}</section>')
    return (f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{TITLE}</title>'
            f'<meta name="description" content="{SUBTITLE}"><meta name="generator" content="weave"><style>{css}</style></head><body>'
            f'<section class="front"><div class="icon">{icon}</div><h1 class="book">{TITLE}</h1><p class="subtitle">{SUBTITLE}</p></section>'
            f'<section class="toc"><h1>Contents</h1>{contents_of(pages)}</section>' + inner_links('\n'.join(out)) + '</body></html>')


def make_pdf(build, out):
    text = one_document(read_pages(build))
    with open(os.path.join(build, 'book.html'), 'w', encoding='utf-8') as file:
        file.write(text)
    import weasyprint
    import weasyprint.layout
    # The pages are laid out until the numbers in them are right. print.css gives a number its room from the first time on, so
    # the third time finds nothing to change; left alone, some line that hovers between two pages costs five times more.
    weasyprint.layout.layout_document.__defaults__ = (3,)
    if os.environ.get('V'):
        import logging
        logging.getLogger('weasyprint.progress').setLevel(logging.INFO)
        logging.getLogger('weasyprint.progress').addHandler(logging.StreamHandler())
    weasyprint.HTML(string=text, base_url=WEAVE).write_pdf(out)


# ---------------------------------------------------------------------- EPUB

def xhtml(title, body, extra=''):
    return ('<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE html>\n<html xmlns="http://www.w3.org/1999/xhtml" '
            'xmlns:epub="http://www.idpf.org/2007/ops" lang="en" xml:lang="en">\n<head><meta charset="utf-8"/>'
            f'<title>{title}</title><link rel="stylesheet" type="text/css" href="style.css"/></head>\n<body{extra}>\n{body}\n</body>\n</html>\n')


def plain(text):
    return re.sub(r'<[^>]*>', '', text)


def epub_body(page, drawn):
    body = drawings(page.body, drawn, 'svg ')
    body = re.sub(r' (?:tabindex|data-\w+)="[^"]*"', '', body)
    body = re.sub(r'(<pre[^>]*) (?:role|aria-label)="[^"]*"', r'\1', body)
    body = re.sub(r'(<pre[^>]*) (?:role|aria-label)="[^"]*"', r'\1', body)
    body = re.sub(r'href="([\w-]+)\.html', r'href="\1.xhtml', body)
    return re.sub(r'<(meta|link|br|hr|img|col|input)\b([^>]*?)\s*/?>', r'<\1\2/>', body)


def nav_list(pages):
    out, part = ['<ol>'], None
    for page in pages:
        if page.part != part:
            if part:
                out.append('</ol></li>')
            part = page.part
            if part:
                out.append(f'<li><a href="{page.name}.xhtml">{page.letter} {html.escape(part)}</a><ol>')
        sections = re.findall(r'<h2 id="([^"]*)"[^>]*><a class="label"[^>]*>([A-Z]:\d{3})</a>\s*(.*?)</h2>', page.body, re.S)
        inner = ''.join(f'<li><a href="{page.name}.xhtml#{i}">{label} {html.escape(html.unescape(plain(title)))}</a></li>' for i, label, title in sections)
        out.append(f'<li><a href="{page.name}.xhtml">{html.escape(html.unescape(plain(page.title)))}</a>{"<ol>" + inner + "</ol>" if inner else ""}</li>')
    if part:
        out.append('</ol></li>')
    return '\n'.join(out + ['</ol>'])


def make_epub(build, out):
    pages = [page for page in read_pages(build) if page.name != 'index']
    css, drawn = style_sheet()
    # Readers have their own idea of a page; weave's rules for paper are for the PDF.
    css = re.sub(r'@media print \{(?:[^{}]*\{[^{}]*\})*[^{}]*\}', '', css) + '.meta .uses { display: none; }\n'
    css = re.sub(r'(?<![\w.])\.?\d[\d.]*rem\b', lambda m: m.group(0)[:-3].replace('.', '0.', m.group(0)[0] == '.') + 'em', css)
    # The same input makes the same file.
    date = datetime.datetime.fromtimestamp(int(os.environ.get('SOURCE_DATE_EPOCH', max(
        os.path.getmtime(os.path.join(build, page.name + '.body')) for page in pages))), datetime.timezone.utc)
    files = {'style.css': css, 'nav.xhtml': xhtml('Contents', f'<nav epub:type="toc" id="toc"><h1>Contents</h1>{nav_list(pages)}</nav>')}
    with open(os.path.join(WEAVE, 'icon.svg'), encoding='utf-8') as file:
        files['icon.svg'] = file.read()
    files['cover.xhtml'] = xhtml(TITLE, '<header class="title"><img src="icon.svg" alt="A puppy looks out of a box inside a box"/>'
                                 f'<h1>{TITLE}</h1><p class="subtitle">{SUBTITLE}</p></header>')
    about, part, pictured = blurbs(), None, set()
    for page in pages:
        opening = ''
        if page.letter and page.part != part:
            part = page.part
            opening = f'<p class="where">{page.letter} {html.escape(part)}</p><p class="blurb">{html.escape(about.get(page.letter, ""))}</p>'
        files[page.name + '.xhtml'] = xhtml(html.escape(html.unescape(plain(page.title))), f'{opening}<h1>{page.title}</h1>\n{epub_body(page, drawn)}')
        if '<svg' in page.body:
            pictured.add(page.name)
    items = ['<item id="style" href="style.css" media-type="text/css"/>',
             '<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>',
             '<item id="icon" href="icon.svg" media-type="image/svg+xml" properties="cover-image"/>',
             '<item id="cover" href="cover.xhtml" media-type="application/xhtml+xml"/>']
    items += [f'<item id="p-{page.name}" href="{page.name}.xhtml" media-type="application/xhtml+xml"'
              f'{" properties=" + chr(34) + "svg" + chr(34) if page.name in pictured else ""}/>' for page in pages]
    spine = '<itemref idref="cover"/><itemref idref="nav"/>' + ''.join(f'<itemref idref="p-{page.name}"/>' for page in pages)
    files['book.opf'] = ('<?xml version="1.0" encoding="utf-8"?>\n<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id" xml:lang="en">'
                         '<metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:identifier id="id">urn:uuid:6c677565-7374-4a6f-8572-6e6579000001</dc:identifier>'
                         f'<dc:title>{TITLE}</dc:title><dc:language>en</dc:language><dc:description>{SUBTITLE}</dc:description>'
                         '<dc:rights>CC-BY-SA-4.0 (prose), GPL-2.0-only (code)</dc:rights>'
                         f'<meta property="dcterms:modified">{date:%Y-%m-%dT%H:%M:%SZ}</meta></metadata>'
                         f'<manifest>{"".join(items)}</manifest><spine>{spine}</spine></package>\n')
    stamp = date.timetuple()[:6]
    with zipfile.ZipFile(out, 'w') as archive:
        def add(name, text, how=zipfile.ZIP_DEFLATED):
            archive.writestr(zipfile.ZipInfo(name, stamp), text, how)
        add('mimetype', 'application/epub+zip', zipfile.ZIP_STORED)
        add('META-INF/container.xml', '<?xml version="1.0"?>\n<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
            '<rootfile full-path="EPUB/book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>\n')
        for name, text in files.items():
            add('EPUB/' + name, text)


if __name__ == '__main__':
    {'pdf': make_pdf, 'epub': make_epub}[sys.argv[1]](sys.argv[2], sys.argv[3])
