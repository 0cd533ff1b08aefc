// What a person would complain about in the page that is open; run as the body of a function, returns lists of words.
const quoted = (node) => JSON.stringify(node.textContent.trim().slice(0, 60));
const isShown = (element) => element.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true });
const texts = [];
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walker.nextNode()) {
  const node = walker.currentNode;
  if (node.textContent.trim() && isShown(node.parentElement) && !node.parentElement.closest(".skip")) texts.push(node);
}

function outsideItsBox(node) {
  const range = document.createRange();
  range.selectNodeContents(node);
  const words = range.getBoundingClientRect();
  const box = node.parentElement.closest("td, th, article, .verdict, .facts, .owed, .tiles div, svg, main, body");
  const border = box.getBoundingClientRect();
  return words.width > 0 && (words.right > border.right + 1 || words.left < border.left - 1);
}

function outsideTheWindow(node) {
  const range = document.createRange();
  range.selectNodeContents(node);
  const words = range.getBoundingClientRect();
  return !node.parentElement.closest(".scroll") && (words.right > innerWidth + 1 || words.left < -1);
}

// WCAG 2: relative luminance, and the contrast of two colours.
const rgba = (text) => (text.match(/[\d.]+/g) || [0, 0, 0, 0]).map(Number);
function luminance([red, green, blue]) {
  const linear = (part) => (part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4);
  return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
}
function behind(element) {
  for (let at = element; at; at = at.parentElement) {
    const colour = rgba(getComputedStyle(at).backgroundColor);
    if (colour.length === 3 || colour[3] === 1) return colour;
  }
  return [255, 255, 255];
}
function contrast(node) {
  const element = node.parentElement;
  const style = getComputedStyle(element);
  const inPicture = element.closest("svg");
  const box = inPicture && element.closest("g, a")?.querySelector("rect");
  const ground = box ? rgba(getComputedStyle(box).fill) : behind(element);
  const [light, dark] = [luminance(rgba(inPicture ? style.fill : style.color)), luminance(ground)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}
function isPale(node) {
  const style = getComputedStyle(node.parentElement);
  const size = parseFloat(style.fontSize);
  const isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
  return contrast(node) < (isLarge ? 3 : 4.5);
}

const headings = [...document.querySelectorAll("h1, h2, h3, h4")].map((heading) => Number(heading.tagName[1]));
return {
  "wider than the window":
    document.documentElement.scrollWidth > innerWidth ? [`${document.documentElement.scrollWidth} > ${innerWidth}`] : [],
  "text cut off": texts.filter((node) => outsideTheWindow(node) || outsideItsBox(node)).map(quoted),
  "text hard to read": texts.filter(isPale).map((node) => `${quoted(node)} ${contrast(node).toFixed(2)}`),
  "headings out of order": [
    ...(headings.filter((level) => level === 1).length === 1 ? [] : ["not one h1"]),
    ...headings.slice(1).flatMap((level, i) => (level > headings[i] + 1 ? [`h${headings[i]} then h${level}`] : [])),
  ],
  "broken pictures": [...document.querySelectorAll("svg, img")]
    .filter((picture) => isShown(picture))
    .filter(({ width, height }) => !(width.baseVal ?? { value: width }).value || !(height.baseVal ?? { value: height }).value)
    .map((picture) => picture.outerHTML.slice(0, 80)),
};
