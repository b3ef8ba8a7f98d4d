// What stands in the way of scanning, in words that say what to do next.

const WORDS = {
  vi: {
    "camera-refused": "Trình duyệt chưa được phép dùng camera. Mở biểu tượng ổ khóa cạnh địa chỉ, cho phép Camera rồi bấm lại; hoặc chụp ảnh mã, hoặc gõ số.",
    "camera-none": "Máy này không có camera. Chụp ảnh mã bằng máy khác, dùng đầu đọc, hoặc gõ số.",
    "camera-busy": "Ứng dụng khác đang dùng camera. Đóng ứng dụng đó rồi bấm lại; hoặc gõ số.",
    "camera-lost": "Camera vừa ngừng. Bấm lại để mở camera; hoặc gõ số.",
    "camera-insecure": "Trang này chưa được tin cậy (chưa cài chứng chỉ của bưu cục) nên không mở được camera. Báo bưu cục; trước mắt hãy chụp ảnh mã hoặc gõ số.",
    "decoder-missing": "Bộ đọc mã chưa tải về máy này. Nối mạng một lần rồi mở lại; trước mắt hãy chụp ảnh mã khi có mạng, dùng đầu đọc, hoặc gõ số.",
    "picture-unreadable": "Tệp này không phải ảnh xem được. Chụp lại.",
    "picture-too-large": "Ảnh lớn hơn 5 MB. Chụp lại ở cỡ nhỏ hơn.",
    "picture-no-code": "Không thấy mã nào trong ảnh. Chụp lại gần hơn, đủ sáng, mã nằm trọn trong ảnh; hoặc gõ số.",
    "picture-offline": "Máy này không tự đọc được ảnh và đang mất mạng. Gõ số ghi dưới mã.",
    "reader-damaged": "Bộ gõ tiếng Việt đã làm sai mã vừa đọc. Tắt bộ gõ (chọn E) rồi đọc lại; hoặc quét bằng camera.",
  },
  en: {
    "camera-refused": "The browser may not use the camera yet. Open the lock beside the address, allow Camera and try again; or take a picture of the code, or type the number.",
    "camera-none": "This device has no camera. Use a picture, a reader, or type the number.",
    "camera-busy": "Another app is using the camera. Close it and try again; or type the number.",
    "camera-lost": "The camera has just stopped. Tap to open it again; or type the number.",
    "camera-insecure": "This page is not trusted yet (the office's certificate is not installed), so the camera stays closed. Tell the office; meanwhile take a picture of the code or type the number.",
    "decoder-missing": "The code reader is not on this phone yet. Go online once and open the app again; meanwhile take a picture while online, use a reader, or type the number.",
    "picture-unreadable": "This file is no picture that can be shown. Take it again.",
    "picture-too-large": "The picture is larger than 5 MB. Take a smaller one.",
    "picture-no-code": "There is no code in the picture. Take it again, closer, in good light, with the whole code in it; or type the number.",
    "picture-offline": "This phone cannot read pictures itself and is offline. Type the number under the code.",
    "reader-damaged": "The Vietnamese input method changed the code just read. Switch it off (E) and read again; or scan by camera.",
  },
};

// The language of the page decides; what has no words in it is said in Vietnamese.
export function troubleWords(code, language = document.documentElement.lang) {
  return (WORDS[language] || WORDS.vi)[code] || WORDS.vi[code] || code;
}

export class Trouble extends Error {
  constructor(code, cause) {
    super(troubleWords(code));
    this.name = "Trouble";
    this.code = code;
    this.cause = cause;
  }
}
