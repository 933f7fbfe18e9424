"""What may be wrong inside a file, by code, in the words of both languages; the codes stand in events and never change."""

from __future__ import annotations

from collections.abc import Mapping

DANGERS: Mapping[str, tuple[str, str]] = {
    "polyglot": ("文件中夹带PDF以外的内容", "carries something beside the PDF"),
    "truncated": ("文件不完整（缺少结尾）", "cut off: its end is missing"),
    "damaged": ("文件结构损坏", "a damaged file"),
    "irregular": ("文件结构不规范", "an irregular file"),
    "no_pages": ("没有页面", "no pages"),
    "too_many_pages": ("页数过多", "too many pages"),
    "page_size": ("页面尺寸异常", "a page of impossible size"),
    "too_many_objects": ("内部对象过多", "too many objects"),
    "too_deep": ("结构嵌套过深", "nested too deeply"),
    "bomb": ("解压后体积过大", "unpacks to too much"),
    "javascript": ("含有JavaScript脚本", "contains JavaScript"),
    "launch": ("会启动外部程序", "launches programs"),
    "embedded_file": ("内嵌其他文件", "contains embedded files"),
    "remote_action": ("会提交数据或打开其他文件", "sends data or opens other files"),
    "external_content": ("引用文件之外的内容", "takes content from outside the file"),
    "multimedia": ("含有音视频或三维内容", "contains multimedia"),
    "xfa": ("含有XFA动态表单", "contains an XFA form"),
    "fillable_form": ("含有可填写的表单域", "contains form fields that can be filled in"),
    "crash": ("无法读取：读取程序异常终止", "cannot be examined: it brings the reader down"),
    "timeout": ("无法读取：读取耗时过长", "cannot be examined: it takes too long to read"),
    "memory": ("无法读取：读取占用内存过多", "cannot be examined: it takes too much memory to read"),
}
"""Code of a finding inside a document to what it says."""
