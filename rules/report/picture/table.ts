import { html, type Markup } from './markup';

type Cell = Markup | string | undefined;

/** Every column is named, for readers of the screen too. */
export const table = (columns: readonly string[], rows: readonly (readonly Cell[])[]): Markup =>
  html`<table>
    <thead>
      <tr>
        ${columns.map((column) => html`<th scope="col">${column}</th>`)}
      </tr>
    </thead>
    <tbody>
      ${rows.map(
        (cells) =>
          html`<tr>
            ${cells.map((cell) => html`<td>${cell}</td>`)}
          </tr>`,
      )}
    </tbody>
  </table>`;
