// Every word of the page of households in Vietnamese and English, and how numbers and dates are written.

const WORDS = {
  search: ["Tìm mã địa chỉ, thôn, xã...", "Find an address code, village, commune..."],
  searchNone: ["Không tìm thấy", "Nothing found"],
  searchCount: ["{n} kết quả", "{n} results"],
  searchFar: ["Không tìm thấy trong các xã đã nạp; hãy gõ đủ 10 chữ số", "Not among the communes loaded so far; type all ten digits"],
  addressCode: ["mã địa chỉ số", "address code"],
  print: ["In", "Print"],
  language: ["English", "Tiếng Việt"],
  home: ["Xem toàn bộ", "Whole area"],
  zoomIn: ["Phóng to", "Zoom in"],
  zoomOut: ["Thu nhỏ", "Zoom out"],
  mapLabel: ["Bản đồ từng đối tượng có địa chỉ số", "Map of every object with a digital address"],
  legend: ["Chú giải", "Legend"],
  colourBy: ["Tô màu theo", "Colour by"],
  hint: ["Bấm một dòng để ẩn hoặc hiện", "Click a line to hide or show it"],
  shown: ["Đang hiện {share} đối tượng", "Showing {share} objects"],
  clear: ["Hiện lại tất cả", "Show all"],
  filters: ["Đang lọc: {list}", "Filtered by: {list}"],
  density: ["Vùng đậm: nhiều đối tượng gần nhau", "Darker: many objects close together"],
  unlocated: ["{n} đối tượng chưa có toạ độ, không hiện trên bản đồ", "{n} objects without coordinates are not on the map"],
  thinned: ["Đang vẽ 1/{n} số điểm; phóng gần để thấy từng điểm", "Drawing 1 of every {n} points; zoom in to see each"],
  loading: ["Đang nạp {n} xã...", "Loading {n} communes..."],
  partFailed: ["Không nạp được tệp {file}. Hãy chép cả thư mục data đi cùng trang này.", "Could not load {file}. Keep the data folder beside this page."],
  partForeign: ["Tệp {file} thuộc lần tạo khác, không dùng. Hãy chép lại cả thư mục.", "{file} is of another build and is not used. Copy the whole folder again."],
  unreadable: ["Trang bị hỏng, không đọc được dữ liệu. Hãy xin lại tệp gốc.", "The page is damaged and its data cannot be read. Ask for the original file."],
  outlines: ["Ranh giới", "Boundaries"],
  sources: ["Nguồn và thời điểm", "Sources and dates"],
  rows: ["{n} dòng", "{n} rows"],
  failed: ["tệp mới không đọc được, dùng số liệu trước đó", "new file unreadable, earlier data shown"],
  noDate: ["không ghi ngày", "no date"],
  purpose: ["Mục đích: {text}", "Purpose: {text}"],
  agency: ["Đơn vị lập: {text}", "Prepared by: {text}"],
  software: [
    "Phần mềm: ntmgis, Leaflet 1.9.4 (BSD-2-Clause, © Volodymyr Agafonkin, CloudMade)",
    "Software: ntmgis, Leaflet 1.9.4 (BSD-2-Clause, © Volodymyr Agafonkin, CloudMade)",
  ],
  close: ["Đóng", "Close"],
  noAddress: ["Chưa có mã địa chỉ", "No address code"],
  noVillage: ["chưa rõ thôn", "village not known"],
  village: ["Thôn", "Village"],
  commune: ["Xã", "Commune"],
  kind: ["Loại", "Kind"],
  has_code: ["Mã", "Code"],
  notified: ["Thông báo", "Notice"],
  plated: ["Biển", "Plate"],
  objects: ["{n} đối tượng", "{n} objects"],
  onMap: ["{n} đối tượng trên bản đồ", "{n} objects on the map"],
  noObjects: ["chưa có đối tượng nào trên bản đồ", "no objects on the map"],
  gateTitle: ["Trang này được khoá bằng mật khẩu", "This page is locked with a password"],
  gateLabel: ["Mật khẩu", "Password"],
  gateOpen: ["Mở", "Open"],
  gateWait: ["Đang mở...", "Opening..."],
  gateWrong: ["Mật khẩu không đúng, hoặc tệp đã bị sửa. Hãy thử lại.", "Wrong password, or the file was changed. Try again."],
  gateEmpty: ["Hãy gõ mật khẩu.", "Type the password."],
  gateHint: ["Dữ liệu chỉ được giải mã trong trình duyệt này, không gửi đi đâu.", "The data are decrypted in this browser only; nothing is sent."],
  noCrypto: [
    "Trình duyệt này không cho giải mã (WebCrypto) khi mở trang theo cách này. Hãy chép tệp về máy rồi mở bằng Chrome, Edge hoặc Firefox mới, hoặc mở qua https.",
    "This browser refuses decryption (WebCrypto) on a page opened this way. Copy the file to this computer and open it with a recent Chrome, Edge or Firefox, or open it over https.",
  ],
};

export const UNKNOWN = "–";
// Thousands and decimals. Intl would say the same, but takes longer to start than the rest of the page's words.
const SIGNS = { vi: [".", ","], en: [",", "."] };
const MONTHS = "January February March April May June July August September October November December".split(" ");

/** Words and figures in the language `state.lang`. */
export function createWords(state) {
  const at = () => (state.lang === "vi" ? 0 : 1);
  const say = (name, values = {}) => WORDS[name][at()].replace(/\{(\w+)\}/g, (_, key) => values[key] ?? "");
  const number = (value, digits = 0) => {
    const [thousands, decimal] = SIGNS[state.lang];
    const [whole, rest] = value.toFixed(digits).split(".");
    const grouped = whole.replace(/\B(?=(\d{3})+$)/g, thousands);
    return rest ? grouped + decimal + rest : grouped;
  };
  const percent = (part, whole) => (whole ? `${number((100 * part) / whole, 1)}%` : UNKNOWN);
  const day = (iso) => {
    const [year, month, date] = iso.split("-");
    return at() === 0 ? `${date}/${month}/${year}` : `${Number(date)} ${MONTHS[Number(month) - 1]} ${year}`;
  };
  const pick = (pair) => pair[state.lang] || pair.vi || "";
  return { say, number, percent, day, pick };
}
