// A text area with two layers: what is typed lies invisible over the same text in colours.
const MOST = 40;
const LEAST_LINES = 9;
const MOST_LINES = 24;
const TOKENS = /(--[^\n]*|\/\*[\s\S]*?(?:\*\/|$))|('(?:[^']|'')*'?)|(\b\d+(?:\.\d+)?\b)|([a-z_]\w*)|([\s\S])/gi;

export default function (component) {
  const { data, parentElement, setStateValue, setTriggerValue } = component;
  const editor = parentElement.editor ?? (parentElement.editor = build(parentElement));
  editor.tell = setStateValue;
  editor.run = setTriggerValue;
  editor.names = data;
  editor.text.setAttribute("aria-label", data.label);
  editor.list.setAttribute("aria-label", data.label);
  // a text that comes from the page replaces what stands here; one that only comes back does not
  if (data.text !== editor.given) {
    editor.given = data.text;
    if (data.text !== editor.text.value) {
      editor.text.value = data.text;
      editor.told = data.text;
    }
  }
  editor.paint();
}

function build(parent) {
  const make = (tag, name) => Object.assign(document.createElement(tag), { className: name });
  const frame = make("div", "frame");
  const ink = make("pre", "ink");
  const text = make("textarea", "text");
  const list = make("ul", "names");
  ink.ariaHidden = "true";
  text.spellcheck = false;
  text.autocapitalize = "off";
  text.setAttribute("aria-autocomplete", "list");
  list.id = "names";
  list.role = "listbox";
  list.hidden = true;
  frame.append(ink, text, list);
  parent.append(frame);

  const editor = { text, list, given: undefined, told: undefined, found: [], at: 0 };
  editor.paint = () => {
    ink.replaceChildren(...coloured(text.value, editor.names.keywords));
    ink.scrollTop = text.scrollTop;
    text.rows = Math.min(MOST_LINES, Math.max(LEAST_LINES, text.value.split("\n").length + 1));
  };
  const tell = () => {
    if (text.value !== editor.told) {
      editor.told = text.value;
      editor.given = text.value;
      editor.tell("sql", text.value);
    }
  };
  const close = () => {
    list.hidden = true;
    text.removeAttribute("aria-activedescendant");
    text.removeAttribute("aria-controls");
  };
  const choose = (at) => {
    editor.at = (at + editor.found.length) % editor.found.length;
    [...list.children].forEach((item, place) => item.setAttribute("aria-selected", String(place === editor.at)));
    list.children[editor.at].scrollIntoView({ block: "nearest" });
    text.setAttribute("aria-activedescendant", `name-${editor.at}`);
  };
  const take = (at) => {
    const start = text.selectionStart - wordBefore(text).length;
    text.setRangeText(editor.found[at].insert, start, text.selectionStart, "end");
    close();
    editor.paint();
  };
  const offer = (isAsked) => {
    const word = wordBefore(text);
    editor.found = isAsked || word.length > 1 ? completions(word, text.value, editor.names) : [];
    if (!editor.found.length) return close();
    list.replaceChildren(
      ...editor.found.map((each, place) => {
        const item = make("li", "");
        const kind = make("small", "");
        kind.textContent = each.of;
        item.id = `name-${place}`;
        item.role = "option";
        item.append(each.insert, kind);
        item.onmousedown = (event) => {
          event.preventDefault();
          take(place);
        };
        return item;
      }),
    );
    const { left, top } = caret(ink, text, word.length);
    list.hidden = false;
    list.style.top = `${top}px`;
    list.style.left = `${Math.max(0, Math.min(left, frame.clientWidth - list.offsetWidth))}px`;
    text.setAttribute("aria-controls", "names");
    choose(0);
  };

  text.oninput = () => {
    editor.paint();
    offer(false);
  };
  text.onscroll = () => (ink.scrollTop = text.scrollTop);
  text.onblur = () => {
    close();
    tell();
  };
  text.onclick = close;
  text.onkeydown = (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key === "Enter") {
      event.preventDefault();
      close();
      editor.told = editor.given = text.value;
      editor.run("run", text.value);
    } else if (event.ctrlKey && event.code === "Space") {
      event.preventDefault();
      offer(true);
    } else if (!list.hidden && ["ArrowDown", "ArrowUp"].includes(event.key)) {
      event.preventDefault();
      choose(editor.at + (event.key === "ArrowDown" ? 1 : -1));
    } else if (!list.hidden && ["Enter", "Tab"].includes(event.key)) {
      event.preventDefault();
      take(editor.at);
    } else if (!list.hidden && event.key === "Escape") {
      event.preventDefault();
      close();
    }
    // elsewhere Tab leaves the editor, as it leaves every other field
  };
  return editor;
}

function wordBefore(text) {
  return /[\w.]*$/.exec(text.value.slice(0, text.selectionStart))[0];
}

function completions(word, sql, names) {
  const lower = word.toLowerCase();
  const used = tablesIn(sql, names.tables);
  const dot = lower.lastIndexOf(".");
  const all = [];
  if (dot >= 0) {
    const owner = lower.slice(0, dot);
    const table = used.find((each) => each.alias === owner || each.table.name === owner || bare(each.table) === owner);
    const prefix = word.slice(0, dot + 1);
    if (table) all.push(...table.table.columns.map((column) => ({ insert: prefix + column, of: bare(table.table) })));
    all.push(...names.tables.map((each) => ({ insert: each.name, of: "" })));
  } else {
    const seen = new Set();
    for (const { table } of used) {
      for (const column of table.columns) {
        if (!seen.has(column)) all.push({ insert: column, of: bare(table) });
        seen.add(column);
      }
    }
    all.push(...names.tables.map((each) => ({ insert: each.name, of: "" })));
    all.push(...names.keywords.map((each) => ({ insert: each, of: "" })));
    all.push(...names.functions.map((each) => ({ insert: each, of: "()" })));
  }
  const rank = ({ insert }) => {
    const name = insert.toLowerCase();
    if (name.startsWith(lower)) return 0;
    const rest = name.slice(name.indexOf(".") + 1);
    if (rest.startsWith(lower)) return 1;
    return lower.length > 2 && rest.includes(lower) ? 2 : 3;
  };
  return all
    .map((each, place) => [rank(each), place, each])
    .filter(([fit, , each]) => fit < 3 && each.insert !== word)
    .sort((one, other) => one[0] - other[0] || one[1] - other[1])
    .slice(0, MOST)
    .map(([, , each]) => each);
}

function tablesIn(sql, tables) {
  const used = [];
  for (const [, name, alias] of sql.matchAll(/\b(?:from|join)\s+([\w.]+)(?:\s+(?:as\s+)?(\w+))?/gi)) {
    const wanted = name.toLowerCase();
    const table = tables.find((each) => each.name === wanted || bare(each) === wanted);
    if (table) used.push({ table, alias: alias?.toLowerCase() });
  }
  return used;
}

function bare(table) {
  return table.name.slice(table.name.indexOf(".") + 1);
}

function coloured(sql, keywords) {
  const known = new Set(keywords);
  const parts = [];
  for (const [token, comment, string, number, word] of sql.matchAll(TOKENS)) {
    const kind = comment ? "comment" : string ? "string" : number ? "number" : known.has(word?.toLowerCase()) ? "keyword" : "";
    if (!kind) {
      parts.push(token);
    } else {
      parts.push(Object.assign(document.createElement("span"), { className: kind, textContent: token }));
    }
  }
  // an empty last line has no height of its own
  return [...parts, "\n"];
}

// Where the word before the caret begins: the coloured layer holds the same text in the same places.
function caret(ink, text, length) {
  let left = text.selectionStart - length;
  const walker = document.createTreeWalker(ink, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (left <= node.length) {
      const range = document.createRange();
      range.setStart(node, left);
      range.setEnd(node, left);
      const place = range.getBoundingClientRect();
      const frame = ink.getBoundingClientRect();
      return { left: place.left - frame.left, top: place.bottom - frame.top + 4 };
    }
    left -= node.length;
  }
  return { left: 0, top: text.offsetHeight };
}
