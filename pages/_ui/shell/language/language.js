// Tells a screen reader what it reads, and keeps what a person chose until another day.
const YEAR_S = 365 * 24 * 3600;

export default function ({ data }) {
  document.documentElement.lang = data.code;
  if (data.chosen) document.cookie = `${data.cookie}=${data.chosen}; path=/; max-age=${YEAR_S}; SameSite=Strict`;
}
