// Underlines each word of a list once a page, without touching the page's elements: the browser paints ranges of text
// (https://developer.mozilla.org/docs/Web/API/CSS_Custom_Highlight_API). frame.css says how they look.
const NAME = "thaw-terms";
const CALM_MS = 300;
const READ = '[data-testid="stMarkdownContainer"] :is(p, li), [data-testid="stCaptionContainer"] p, [data-testid="stAlert"] p';
const NOT_READ = 'a, button, label, code, h1, h2, h3, [data-testid="stText"], [data-testid="stExpander"] summary, .st-key-stepper';

export default function ({ parentElement, data, setTriggerValue }) {
  const main = document.querySelector('[data-testid="stMain"]');
  if (!main || !window.CSS?.highlights) return;
  const card = parentElement.querySelector(".card");
  card.setAttribute("aria-label", data.label);
  card.querySelector(".more").textContent = data.more;
  let found = [];
  let timer = null;

  const paint = () => {
    found = ranges(main, data.words);
    CSS.highlights.set(NAME, new Highlight(...found.map((each) => each.range)));
  };
  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(paint, CALM_MS);
  };
  const pressed = (event) => {
    const hit = found.find(({ range }) => holds(range, event));
    if (hit) open(card, hit, () => setTriggerValue("asked", hit.word.id));
  };
  const pointed = (event) => {
    main.style.cursor = found.some(({ range }) => holds(range, event)) ? "help" : "";
  };
  const watch = new MutationObserver(soon);
  watch.observe(main, { childList: true, subtree: true, characterData: true });
  main.addEventListener("click", pressed);
  main.addEventListener("pointermove", pointed);
  for (const kind of ["dragover", "drop"]) window.addEventListener(kind, kept);
  soon();
  return () => {
    clearTimeout(timer);
    watch.disconnect();
    main.removeEventListener("click", pressed);
    main.removeEventListener("pointermove", pointed);
    for (const kind of ["dragover", "drop"]) window.removeEventListener(kind, kept);
    CSS.highlights.delete(NAME);
  };
}

// A file that is dropped beside the place for it does not take the place of the page.
function kept(event) {
  if (event.dataTransfer?.types.includes("Files")) event.preventDefault();
}

// The first place of each word on the page.
function ranges(main, words) {
  const open = new Map(words.map((word) => [word, new RegExp(`(?<![\\p{L}\\p{N}_-])(?:${word.forms.map(escaped).join("|")})(?![\\p{L}\\p{N}_-])`, "iu")]));
  const found = [];
  for (const element of main.querySelectorAll(READ)) {
    if (element.closest(NOT_READ)) continue;
    const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node && open.size; node = walker.nextNode()) {
      if (node.parentElement.closest(NOT_READ)) continue;
      for (const [word, pattern] of open) {
        const match = pattern.exec(node.data);
        const free = match && !found.some(({ range }) => range.startContainer === node && range.startOffset < match.index + match[0].length && match.index < range.endOffset);
        if (!free) continue;
        const range = new Range();
        range.setStart(node, match.index);
        range.setEnd(node, match.index + match[0].length);
        found.push({ word, range });
        open.delete(word);
      }
    }
  }
  return found;
}

function escaped(text) {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

function holds(range, { clientX, clientY }) {
  return [...range.getClientRects()].some((box) => clientX >= box.left && clientX <= box.right && clientY >= box.top && clientY <= box.bottom);
}

function open(card, { word, range }, more) {
  card.querySelector(".term").textContent = word.term;
  card.querySelector(".text").textContent = word.text;
  card.querySelector(".more").onclick = () => {
    card.hidePopover();
    more();
  };
  card.showPopover();
  const box = range.getBoundingClientRect();
  const { width, height } = card.getBoundingClientRect();
  const below = box.bottom + 8;
  card.style.left = `${Math.max(16, Math.min(box.left, innerWidth - width - 16))}px`;
  card.style.top = `${below + height < innerHeight ? below : Math.max(16, box.top - height - 8)}px`;
}
