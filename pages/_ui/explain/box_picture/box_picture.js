export default function ({ parentElement, data }) {
  const find = (selector) => parentElement.querySelector(selector);
  layBoxes(parentElement);
  if (find("img").src !== data.src) find("img").src = data.src;
  find(".stage").setAttribute("aria-label", data.alt);
  drawBoxes(find(".layer"), data.boxes);
  find(".legend").replaceChildren(
    ...data.legend.map(([look, words]) => {
      const line = document.createElement("span");
      const sign = document.createElement("i");
      sign.className = `box ${look}`;
      line.append(sign, words);
      return line;
    }),
  );
}
